package import PeerState

/// One server in which every actor of the matrix of rights exists, and something to act on.
package struct RightsCast {
    /// In the order of the columns of the table.
    package static let actors: [String] =
        ["stranger", "invited", "member", "silenced"] + (0..<8).map { "direct\($0)" }
        + (0..<8).map { "role\($0)" }
        + ["moderator", "admin", "owner", "suspended", "removed", "forked", "expired"]

    package private(set) var server: RightsServer

    var hall = RightsRoom(channel: Channel.ID(zero), epoch: zero)
    var vault = RightsRoom(channel: Channel.ID(zero), epoch: zero)
    /// Events named by what they are, or by kind of thing and actor.
    var things: [String: Event.ID] = [:]
    /// When the agent called `expired` ends.
    static let end: UInt64 = 1_700_009_000_000
    private static let zero = Event.ID(Digest.Value(RightsServer.peer("zero")))

    package init() throws {
        server = try RightsServer(owner: "owner")
        try gather()
        try furnish()
        try empower()
        try openVotes()
        try lower()
        server.wall = Self.end + 1_000
    }

    package func thing(_ name: String) -> Event.ID { things[name] ?? Self.zero }

    /// What an actor made himself, or a thing of the victim where he made none.
    package func own(_ thing: String, of actor: String) -> Event.ID {
        things["\(thing) \(actor)"] ?? self.thing("\(thing) victim")
    }

    private static let agent = Attenuation(expiryMilliseconds: 1_800_000_000_000)

    /// Everybody joins; the victim last, so that he is junior to all.
    private mutating func gather() throws {
        for name in ["admin", "forked"] { try server.write("owner", .grant(name, .admin)) }
        for name in ["moderator", "clerk"] { try server.write("owner", .grant(name, .moderator)) }
        for name in Self.actors where !server.isMember(name) {
            if ["stranger", "invited", "owner", "expired"].contains(name) { continue }
            try server.write("owner", .grant(name, .member))
        }
        let limits = Attenuation(expiryMilliseconds: Self.end)
        try server.write("owner", .grant("expired", .member, limits))
        for name in ["double", "kicked", "victim"] {
            try server.write("owner", .grant(name, .member))
        }
        try server.write("owner", .grant("agent", .member, Self.agent))
    }

    private var people: [String] { Self.actors.dropFirst(2) + ["double", "kicked", "victim"] }

    /// Channels, keys that all hold, a message and a reaction by everybody.
    private mutating func furnish() throws {
        for (number, name) in people.enumerated() {
            try server.write(name, .prekey(UInt8(number + 1)))
        }
        things["keepers"] = try server.write("owner", .role("keepers", []))
        for name in ["owner", "victim"] {
            try server.write("owner", .assign(name, thing("keepers")))
        }
        hall = try server.room("owner", "hall")
        vault = try server.room("owner", "vault", readers: [thing("keepers")])
        for name in people {
            let message = try server.write(name, .post(hall, name))
            things["message \(name)"] = message
            things["reaction \(name)"] = try server.write(name, .react(message, hall, "+"))
        }
        try server.write("owner", .pin(thing("message owner")))
    }

    /// Those with one permission lose SendMessages first and then get theirs.
    private mutating func empower() throws {
        things["badge"] = try server.write("owner", .role("badge", []))
        things["writers"] = try server.write("owner", .role("writers", .sendMessages))
        things["lead"] = try server.write("owner", .role("lead", .manageRoles))
        for name in ["badge", "writers", "lead"] {
            try server.write("owner", .assign("victim", thing(name)))
        }
        let silenced = ["silenced"] + Self.actors.filter { Int($0.suffix(1)) != nil }
        for name in silenced { try server.write("owner", .revoke(name, 3, server.cut(name))) }
        for bit: UInt64 in 0..<8 {
            try server.write("owner", .permit("direct\(bit)", bit))
            let permissions = Permissions(rawValue: 1 << bit)
            let role = try server.write("owner", .role("only \(bit)", permissions))
            try server.write("owner", .assign("role\(bit)", role))
        }
        for name in ["direct7", "role7", "moderator", "admin", "forked"] {
            try server.write(name, .grant("agent of \(name)", .member, Self.agent))
        }
    }

    private mutating func openVotes() throws {
        let raise = VoteAction.raise(RightsServer.peer("kicked"), to: .moderator)
        things["proposal"] = try server.propose("owner", raise)
        things["ready"] = try server.propose("owner", .setThreshold(.unanimous))
        things["yes"] = try server.write("admin", .ballot(thing("ready")))
        things["link"] = try server.write("owner", .issue("link", uses: 100))
        things["letter"] = try server.write(
            "owner", .issue("letter", uses: 1, recipient: "invited"))
    }

    /// Removal, suspension, forks, all known to everybody.
    private mutating func lower() throws {
        var apart = server
        things["late"] = try apart.write("kicked", .post(hall, "late"))
        things["removal"] = try server.write("clerk", .remove("kicked", server.cut("kicked")))
        server.merge(apart)
        try server.fork("forked", .ack, .profile("twice"))
        things["branch"] = try server.fork("double", .ack, .profile("twice")).left
        try server.write("owner", .ack)
        try server.write("owner", .suspend("suspended", server.cut("suspended")))
        try server.write("owner", .remove("removed", server.cut("removed")))
        try server.write("owner", .ack)
    }
}
