import PeerState
import Testing

/// Own events that rest on less than everything known.
@Suite struct UnnamedTests {
    static let wall: UInt64 = 1_700_000_000_000
    static func key(_ number: UInt8) -> SigningKey {
        SigningKey(seed: Array(repeating: number, count: 32))
    }

    static func writer(_ number: UInt8, unnamed: Set<UInt8> = []) -> Replica.Writer {
        var writer = Replica.Writer(key: key(number), wallMilliseconds: wall)
        writer.unnamed = Set(unnamed.map { key($0).publicKey })
        return writer
    }

    /// A server of 1, where 2 is an admin, 3 and 4 are members.
    static func replica() throws -> Replica {
        let body = ServerCreated(
            name: "Quiet", isDirect: false, participants: [], nonce: Array(repeating: 1, count: 16))
        var (replica, _) = try Replica.found(body, by: writer(1))
        let levels: [(UInt8, Level)] = [(2, .admin), (3, .member), (4, .member)]
        for (number, level) in levels {
            _ = try replica.author(
                MemberGranted(target: key(number).publicKey, level: level), by: writer(1))
        }
        return replica
    }

    @Test func `an author who is over quota is not named, everybody else is`() throws {
        var replica = try Self.replica()
        let grants = replica.state.graph.tipIDs
        let noise = try #require(try replica.author(Acknowledged(), by: Self.writer(3)).last)
        let word = try #require(
            try replica.author(Acknowledged(), by: Self.writer(4, unnamed: [3])).last)
        #expect(Set(word.event.deps) == grants, "what he rested on is named in his place")
        // He hears and names what the others say, and they go on without him.
        let more = try #require(try replica.author(Acknowledged(), by: Self.writer(3)).last)
        #expect(more.event.deps == [word.event.id])
        let late = try #require(
            try replica.author(Acknowledged(), by: Self.writer(2, unnamed: [3])).last)
        #expect(late.event.deps == [word.event.id])
        #expect(late.event.lamport == word.event.lamport + 1)
        let last = try #require(
            try replica.author(Acknowledged(), by: Self.writer(2, unnamed: [3])).last)
        #expect(last.event.deps.isEmpty, "nothing is named twice")
        let all = try #require(try replica.author(Acknowledged(), by: Self.writer(4)).last)
        #expect(Set(all.event.deps) == [more.event.id, last.event.id])
        #expect(!word.event.deps.contains(noise.event.id))
    }

    @Test func `what is far below a flood is not looked for, and the flood is named`() throws {
        var replica = try Self.replica()
        var noise: Event.ID?
        for _ in 0..<2_100 {
            noise = try replica.author(Acknowledged(), by: Self.writer(3)).last?.event.id
        }
        let word = try #require(
            try replica.author(Acknowledged(), by: Self.writer(4, unnamed: [3])).last)
        #expect(word.event.deps == [try #require(noise)])
        _ = try replica.author(Acknowledged(), by: Self.writer(3))
        let next = try #require(
            try replica.author(Acknowledged(), by: Self.writer(4, unnamed: [3])).last)
        #expect(next.event.deps.isEmpty, "now it is near")
    }

    @Test func `many spared heads are acknowledged all the same`() throws {
        var replica = try Self.replica()
        let numbers = (20..<90).map { UInt8($0) }
        for number in numbers {
            _ = try replica.author(
                MemberGranted(target: Self.key(number).publicKey, level: .member),
                by: Self.writer(1))
        }
        let common = replica
        for number in numbers {
            var apart = common
            for item in try apart.author(Acknowledged(), by: Self.writer(number)) {
                _ = replica.receive(item.envelope.bytes, wallMilliseconds: Self.wall)
            }
        }
        let stored = try replica.author(
            Acknowledged(), by: Self.writer(4, unnamed: Set(numbers)))
        #expect(stored.count == 2)
        #expect(stored.first?.event.deps.count == Limits.maxDeps)
        #expect(stored.last?.event.deps.isEmpty == true)
    }

    @Test func `what speaks of his event rests on it all the same`() throws {
        var replica = try Self.replica()
        let said = try #require(
            try replica.author(ChannelCreated(name: "noise"), by: Self.writer(1)).last)
        let channel = Channel.ID(said.event.id)
        let word = try #require(
            try replica.author(
                ChannelTopicSet(channel: channel, topic: "quiet"),
                by: Self.writer(2, unnamed: [1])
            ).last)
        #expect(word.void == nil)
        #expect(word.event.lamport == said.event.lamport + 1)
    }

    @Test func `what he said about rights is never left out`() throws {
        var replica = try Self.replica()
        let granted = try #require(
            try replica.author(
                MemberGranted(target: Self.key(5).publicKey, level: .member), by: Self.writer(1)
            ).last)
        _ = try replica.author(Acknowledged(), by: Self.writer(1))
        let word = try #require(
            try replica.author(Acknowledged(), by: Self.writer(5, unnamed: [1])).last)
        #expect(word.event.proof == granted.event.id)
        let other = try #require(
            try replica.author(Acknowledged(), by: Self.writer(4, unnamed: [1])).last)
        #expect(other.event.lamport > granted.event.lamport)
    }
}
