import AgentServer
import Glibc
import PeerTesting
import Testing

/// Two real processes over TCP, driven as agents drive them.
@Suite(.timeLimit(.minutes(5 * Patience.minutes)))
struct ProcessTests {
    private static let count = 100

    @Test func `a hundred messages each way reach both, in the same order`() async throws {
        try await AgentClientBench.run { bench in
            let (alice, bob) = try await bench.pair()
            let (alicesPlace, bobsPlace) = (try await alice.place, try await bob.place)
            let (mine, theirs) = (Self.texts("a"), Self.texts("b"))
            async let sentByAlice = Self.post(mine, from: alice)
            async let sentByBob = Self.post(theirs, from: bob)
            let sent = Set(try await sentByAlice).union(try await sentByBob)
            try await alice.waitForTexts(theirs, after: alicesPlace)
            try await bob.waitForTexts(mine, after: bobsPlace)

            let ids = try await alice.messageIDs()
            #expect(ids == (try await bob.messageIDs()))
            #expect(ids.count == 2 * Self.count + 1)
            #expect(Set(ids).isSuperset(of: sent))
            #expect(alice.strayLines == [] && bob.strayLines == [])
            try await Self.expectEqualState(bench, alice, bob)
        }
    }

    /// One round; `./dev crash --kills 200 --seconds 600` takes the 200 of the scenario at random
    /// moments, and compares the states after the last.
    @Test func `S-232 a node killed in mid-stream loses nothing acknowledged and doubles nothing`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let (alice, bob) = try await bench.pair()
            let mine = Self.texts("a")
            let bobsPlace = try await bob.place
            async let sentByAlice = Self.post(mine, from: alice)
            async let sentByBob = Self.postUntilKilled(bob, after: 30)
            let (acknowledged, lastKey) = try await sentByBob
            let alicesIDs = try await sentByAlice

            let reborn = try await bench.start("bob")
            // What was under way may or may not be stored; the same key makes it once.
            try await reborn.post(lastKey, key: lastKey)
            let place = try await alice.place
            try await reborn.waitForTexts(mine, after: bobsPlace)
            try await reborn.post("back")
            try await Self.waitUntilSame(alice, reborn, after: place)

            let messages = try await reborn.messages()
            let ids = messages.compactMap { $0["id"]?.string }
            let texts = messages.compactMap { $0["text"]?.string }
            #expect(Set(ids).count == ids.count)
            #expect(Set(texts).count == texts.count)
            #expect(Set(ids).isSuperset(of: acknowledged))
            #expect(Set(ids).isSuperset(of: alicesIDs))
            #expect(ids == (try await alice.messageIDs()))
            try await Self.expectEqualState(bench, alice, reborn)
        }
    }

    @Test func `what was written while a peer was away reaches it after its restart`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let (alice, bob) = try await bench.pair()
            let place = try await bob.place
            #expect(try await bench.stop(bob) == .exited(0))
            let missed = Self.texts("m", 40)
            _ = try await Self.post(missed, from: alice)
            let reborn = try await bench.start("bob", era: .newestLegacy)
            try await reborn.waitForTexts(missed, after: place)
            #expect(try await alice.messageIDs() == (try await reborn.messageIDs()))
        }
    }

    @Test func `an invite given at the start is accepted, and once more is no harm`()
        async throws
    {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            let server = try await alice.createServer()
            let peer = try await bench.command(["init", "--data-dir", bench.home("bob")]).output
                .split(separator: "\n")[0]
            let invite = try await alice.call(
                "generate_invite", ["recipient_peer_id": .string(String(peer)), "confirm": true])
            let flags = ["--invite", invite["invite_code"]?.string ?? ""]
            let bob = try await bench.start("bob", flags: flags)
            #expect(
                try await bob.read("peer://servers")["servers"]?.array?.first?["id"]?.string
                    == server)
            #expect(try await bench.stop(bob) == .exited(0))
            let again = try await bench.start("bob", flags: flags)
            // The channel's key comes with a reader who is connected.
            let bobsPlace = try await again.place
            try await alice.post("welcome")
            try await again.waitForTexts(["welcome"], after: bobsPlace)
            let place = try await alice.place
            try await again.post("here")
            try await alice.waitForTexts(["here"], after: place)

            let broken = try await bench.command([
                "run", "--data-dir", bench.home("carol"), "--invite", "pa1_nonsense",
            ])
            #expect(broken.ending == .exited(8), "\(broken.standardError)")
        }
    }

    private static func texts(_ prefix: String, _ count: Int = count) -> [String] {
        (1...count).map { "\(prefix)\($0)" }
    }

    /// Posts one after the other and returns the ids, each acknowledged.
    static func post(_ texts: [String], from client: AgentClient) async throws -> [String] {
        var ids: [String] = []
        for text in texts { ids.append(try await client.post(text, key: text)) }
        return ids
    }

    /// Posts until the process is killed, which happens after `count` answers with one under way.
    private static func postUntilKilled(
        _ client: AgentClient, after count: Int
    ) async throws -> (acknowledged: [String], lastKey: String) {
        var ids: [String] = []
        for number in 1...count {
            ids.append(try await client.post("b\(number)", key: "b\(number)"))
        }
        let last = "b\(count + 1)"
        async let underWay = client.post(last, key: last)
        try await client.process.kill()
        do { ids.append(try await underWay) } catch {}  // Whether it made it is the question.
        return (ids, last)
    }

    /// Waits until both have the same messages, each time after something new arrived at `first`.
    private static func waitUntilSame(
        _ first: AgentClient, _ second: AgentClient, after place: String
    ) async throws {
        var place = place
        for _ in 0..<10 {
            if try await first.messageIDs() == (try await second.messageIDs()) { return }
            let news = try await first.call(
                "wait_for_messages", ["after": .string(place), "timeout_s": 5])
            place = news["cursor"]?.string ?? place
        }
        throw ChildProcess.Problem("the two never held the same messages")
    }

    /// Stops both and compares what their stores make of what they hold.
    private static func expectEqualState(
        _ bench: AgentClientBench, _ first: AgentClient, _ second: AgentClient
    ) async throws {
        #expect(try await bench.stop(first) == .exited(0))
        #expect(try await bench.stop(second) == .exited(0))
        let mine = try await bench.status(of: first.name)["servers"]?.array?.first
        let theirs = try await bench.status(of: second.name)["servers"]?.array?.first
        let fields = ["id", "name", "members", "channels", "messages", "state_hash"]
        #expect(fields.map { mine?[$0] } == fields.map { theirs?[$0] })
        #expect(mine?["members"] == 2)
    }
}
