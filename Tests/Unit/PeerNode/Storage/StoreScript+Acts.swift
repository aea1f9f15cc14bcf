import PeerNode
import PeerState

extension StoreScript {
    /// What the node does, so that every kind of row is written, changed and taken back.
    static func act(_ fixture: TextsFixture) throws {
        let read = StoreAct.read(fixture.server, fixture.channel)
        try talk(fixture)
        try fixture.ask(read)
        try fixture.checkpoint()
        try fixture.ask(.reopen)
        try change(fixture)
        try fixture.checkpoint()
        try note(fixture)
        try fixture.ask(.pruneFeed(through: 2))
        try fixture.ask(.pruneSent(nowMilliseconds: 1_900_000_000_000))
        _ = try fixture.bobPosts("the last words")
        try fixture.ask(read)
        try fixture.checkpoint()
        try fixture.ask(.dropCheckpoint(fixture.server))
        try leave(fixture)
        try fixture.ask(.reopen)
    }

    private static func talk(_ fixture: TextsFixture) throws {
        let first = try fixture.post("is anybody here?")
        _ = try fixture.bobPosts("yes", mentions: [fixture.core.me], parent: first)
        var post = PostMessage(
            principal: "agent", server: fixture.server, channel: fixture.channel, text: "once")
        post.clientMessageID = "c1"
        _ = try fixture.act(.postMessage(post))
        for number in 1...3 { _ = try fixture.bobPosts("note \(number)") }
        let mark = ReadMark(
            "agent", server: fixture.server, channel: fixture.channel,
            announcedBy: fixture.core.visibleFeed)
        _ = try fixture.act(.markRead(mark))
    }

    private static func change(_ fixture: TextsFixture) throws {
        let own = try fixture.post("helo")
        let other = try fixture.bobPosts("wrong place")
        func content(_ act: ContentAct, _ message: Event.ID) throws {
            _ = try fixture.act(
                .content(act, on: message, in: fixture.server, principal: "agent"))
        }
        try content(.edit(text: "hello"), own)
        try content(.react(emoji: "+"), other)
        try content(.unreact(emoji: "+"), other)
        try content(.pin, other)
        _ = try fixture.bobEdits(other, "right place")
        try content(.delete(reason: ""), own)
        let plan = ChannelPlan(name: "docks")
        let made = try fixture.act(.channel(.create(plan), in: fixture.server))
        if let channel = made.channel {
            _ = try fixture.act(.channel(.rename(channel, name: "piers"), in: fixture.server))
            _ = try fixture.act(.channel(.rotateKey(channel), in: fixture.server))
            _ = try fixture.act(.channel(.delete(channel), in: fixture.server))
        }
    }

    private static func note(_ fixture: TextsFixture) throws {
        _ = try fixture.act(.setDisplayName(server: nil, name: "Alice"))
        _ = try fixture.act(.addPeer(address: "10.0.0.9:4646", identity: nil))
        let contact = ContactChange(nickname: "Bobby", isVerified: true)
        _ = try fixture.act(.setContact(fixture.bob.publicKey, contact))
        let role = RightsChange.createRole(name: "pilots", permissions: [])
        _ = try fixture.act(.rights(role, in: fixture.server, isRehearsal: false))
    }

    /// A second server that is entered and taken out again, with all that came of it.
    private static func leave(_ fixture: TextsFixture) throws {
        let kick = RightsChange.kick(fixture.bob.publicKey, reason: "", lastAccepted: nil)
        _ = try fixture.act(.rights(kick, in: fixture.server, isRehearsal: false))
        let made = try fixture.act(.createServer(name: "Depot", description: ""))
        guard let server = made.server else { return }
        var batch = StoreBatch()
        batch.erasedServers = [server]
        try fixture.ask(.commit(batch))
    }
}
