import PeerState
import Testing

/// What a peer writes passes the steps that every other peer puts it through (PROTOCOL 3.6).
@Suite struct OwnTextTests {
    /// Writes a body and hands the event to a second replica; the word of its verdict, nil when
    /// nothing was written or it was taken.
    static func refusal(
        of body: (Channel.ID) -> any EventBody
    ) throws -> String? {
        var replica = try UnnamedTests.replica()
        let channel = try #require(
            try replica.author(ChannelCreated(name: "pier"), by: UnnamedTests.writer(1)).last)
        var other = replica
        let written: [Replica.Stored]
        do {
            written = try replica.author(
                body(Channel.ID(channel.event.id)), by: UnnamedTests.writer(1))
        } catch {
            return nil
        }
        for item in written {
            let verdict = other.receive(
                item.envelope.bytes, wallMilliseconds: UnnamedTests.wall)
            if case .stored = verdict { continue }
            return "\(verdict)"
        }
        return nil
    }

    @Test(arguments: ["a\nb", "a\tb", "a\u{7}b"])
    func `a topic that others refuse is not written`(topic: String) throws {
        #expect(try Self.refusal { ChannelTopicSet(channel: $0, topic: topic) } == nil)
    }

    @Test(arguments: ["Ann ", " Ann", "A\u{202e}nn", "A\u{7}nn", ""])
    func `a name that others refuse is not written`(name: String) throws {
        #expect(try Self.refusal { _ in ProfileUpdated(displayName: name) } == nil)
    }

    @Test func `a text beyond its cap is not written`() throws {
        let topic = String(repeating: "a", count: 501)
        #expect(try Self.refusal { ChannelTopicSet(channel: $0, topic: topic) } == nil)
        #expect(
            try Self.refusal { _ in
                ServerDescribed(description: String(repeating: "a", count: 70_000))
            } == nil)
    }
}
