/// Makes a peer an active member at a level, or raises one.
package struct MemberGranted: EventBody {
    package static let kind: UInt64 = 10
    package static let isSetup = true

    package let target: Peer.ID
    package let level: Level
    package let attenuation: Attenuation?

    package init(target: Peer.ID, level: Level, attenuation: Attenuation? = nil) {
        self.target = target
        self.level = level
        self.attenuation = attenuation
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        target = try reader.identifier("target")
        let number = try reader.unsigned(in: 0...2, "level")
        guard let level = Level(rawValue: number) else { throw reader.wrong("level") }
        self.level = level
        attenuation = try reader.isNull() ? nil : try Attenuation(from: &reader)
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(target)
        writer.unsigned(level.rawValue)
        writer.optional(attenuation) { $1.write(to: &$0) }
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let own = server.standing(of: place.author, at: place.past) else {
            throw Failure(.notMember)
        }
        if own.level < .moderator { try checkAgentGrant(in: server, at: place) }
        let owner = server.resolution(at: place.past).owner
        guard target != place.author, target != owner, level <= own.level else {
            throw Failure(.noPermission, "not to oneself, not to the owner, not above own level")
        }
        let present = server.standing(of: target, at: place.past)
        if let present, level <= present.level {
            let isByLink =
                present.grant.flatMap { server.authority.grants[$0] }?.source == .admitted
            guard isByLink && level == .member else {
                throw Failure(.notHigher, "the target already has that level")
            }
        }
        if server.depth(under: own.grant) > Limits.maxDelegationDepth { throw Failure(.tooDeep) }
        if present == nil, server.isFull(at: place.past) {
            throw Failure(.limit, "\(Limits.maxMembers) members")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addGrant(
            to: target, level: level, attenuation: attenuation, source: .granted, slot: slot)
    }

    /// A holder of ManageAgents grants level 0 with a limit that ends by itself.
    private func checkAgentGrant(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard level == .member, let attenuation,
            server.holds(.manageAgents, place.author, at: place.past)
        else { throw Failure(.noPermission, "granting needs level moderator") }
        guard attenuation.expiryMilliseconds != nil || attenuation.lapse != nil else {
            throw Failure(.noPermission, "an agent's grant ends by expiry or lapse")
        }
    }
}
