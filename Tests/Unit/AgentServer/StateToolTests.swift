import AgentServer
import PeerNode
import PeerState
import PeerTesting
import Testing

/// What `verify_state` says of each peer that was asked (MCP 3.1).
@Suite(.timeLimit(.minutes(Patience.minutes))) struct StateToolTests {
    private let client = TestClient()
    private var port: FakePort { client.port }

    private static func verdict(
        _ number: UInt64, _ verdict: StateAgreement.Verdict, apart: UInt64 = 0
    ) -> StateAgreement.PeerVerdict {
        var found = StateAgreement.PeerVerdict(peer: Fake.peer(number), verdict: verdict)
        found.eventsApart = apart
        return found
    }

    @Test func `S-021 how many events another lacks, or has more, is said by number`() async {
        await port.set {
            $0.verdicts = [
                Self.verdict(2, .agree), Self.verdict(3, .behind, apart: 7),
                Self.verdict(4, .ahead, apart: 3), Self.verdict(5, .silent),
            ]
        }
        let told = await client.structured("verify_state")
        #expect(told["verdict"] == "agree" && told["agreeing"] == 1 && told["total"] == 4)
        let peers = told["peers"]?.array ?? []
        #expect(peers.map { $0["verdict"] } == ["agree", "behind", "ahead", "silent"])
        #expect(peers.map { $0["agrees"] } == [true, false, false, false])
        #expect(peers.map { $0["events_behind"] } == [nil, 7, nil, nil])
        #expect(peers.map { $0["events_ahead"] } == [nil, nil, 3, nil])
        await port.set { $0.verdicts = [Self.verdict(3, .behind, apart: 7)] }
        let alone = await client.structured("verify_state")
        #expect(alone["verdict"] == "alone" && alone["agreeing"] == 0)
    }
}
