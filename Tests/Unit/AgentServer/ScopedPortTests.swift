import AgentServer
import PeerNode
import PeerState
import Testing

/// Channels outside a principal's rules are not there, wherever it looks.
@Suite struct ScopedPortTests {
    let port = FakePort()
    let dock = Fake.channel(2, name: "dock")

    func session(_ rules: ChannelRules) async -> ScopedPort {
        await port.set { [dock] port in port.channelList = [Fake.channel(), dock] }
        return ScopedPort(port, rules: rules)
    }

    @Test(arguments: [
        (ChannelRules(), ["general", "dock"]), (ChannelRules(allow: ["#dock"]), ["dock"]),
        (ChannelRules(allow: ["dock"]), ["dock"]), (ChannelRules(deny: ["#dock"]), ["general"]),
        (ChannelRules(allow: ["#dock"], deny: ["dock"]), []), (ChannelRules(allow: []), []),
        (ChannelRules(allow: ["nowhere/*"]), []),
    ]) func `lists hold what the rules admit`(rules: ChannelRules, names: [String]) async throws {
        let scoped = await session(rules)
        let found = try await scoped.channels(in: Fake.server().id).map(\.name)
        #expect(Set(found) == Set(names))
    }

    @Test func `whole servers and ids can be named`() async throws {
        let server = Fake.server()
        for pattern in [
            "\(server.name)/*", "\(server.id.hex)/*", "\(server.id.hex.prefix(16))/#dock",
        ] {
            let scoped = await session(ChannelRules(allow: [pattern]))
            #expect(try await scoped.channels(in: server.id).contains { $0.name == "dock" })
        }
        let byID = await session(ChannelRules(allow: [dock.id.hex]))
        #expect(try await byID.channels(in: server.id).map(\.name) == ["dock"])
        let short = await session(ChannelRules(allow: [String(dock.id.hex.prefix(8))]))
        #expect(try await short.channels(in: server.id).isEmpty)
    }

    @Test func `messages of hidden channels cannot be read or written`() async throws {
        let message = Fake.message(1)
        await port.post(message)
        let scoped = await session(ChannelRules(allow: ["#dock"]))
        let failure = await #expect(throws: NodeFailure.self) {
            try await scoped.message(message.id)
        }
        #expect(failure?.code == .unknownMessage)
        let post = PostMessage(
            principal: "t", server: message.server, channel: message.channel, text: "x")
        let refused = await #expect(throws: NodeFailure.self) {
            try await scoped.perform(.postMessage(post))
        }
        #expect(refused?.code == .unknownChannel)
        let filter = WaitFilter(principal: "t")
        #expect(await scoped.news(after: 0, filter: filter, limit: 10).isEmpty)
        #expect(await port.performed.isEmpty)
    }

    /// Whom somebody talks to alone is told by the server of that conversation, too.
    @Test func `conversations that are not for a token are no servers for it`() async throws {
        var talk = Fake.server(2, name: "@bo")
        talk.isDirect = true
        let (home, told) = (Fake.server(), [NodeEventKind.directOpened, .profileUpdated])
        let events = ([home, talk]).flatMap { server in
            told.map { NodeEvent($0, server: server.id, atMilliseconds: 1) }
        }.enumerated().map { place, event in
            var event = event
            event.feed = UInt64(place + 1)
            return event
        }
        let link = LinkSnapshot(
            peer: Fake.peer(3), displayName: "bo", address: "h:1", sinceMilliseconds: 1,
            servers: [home.id, talk.id])
        await port.set { [talk] port in
            port.serverList = [home, talk]
            port.told = events
            port.links = [link]
        }
        for (direct, servers) in [(true, [home.id, talk.id]), (false, [home.id])] {
            let scoped = ScopedPort(port, rules: ChannelRules(deny: ["#dock"], direct: direct))
            #expect(await scoped.servers().map(\.id) == servers)
            #expect(await scoped.connection().links.map(\.servers) == [servers])
            let page = try await scoped.events(after: 0, limit: 10)
            #expect(page.events.map(\.server) == servers.flatMap { [$0, $0] })
            #expect(page.position == 4)
        }
    }
}
