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
        in server: borrowing ServerState, at past: Past, event: Event
    ) throws(Failure<RuleCode>) {
        guard let own = server.standing(of: event.author, at: past), own.level >= .moderator else {
            throw Failure(.noPermission, "granting needs level moderator")
        }
        guard target != event.author, target != server.owner, level <= own.level else {
            throw Failure(.noPermission, "not to oneself, not to the owner, not above own level")
        }
        let present = server.standing(of: target, at: past)
        if let present, level <= present.level {
            throw Failure(.notHigher, "the target already has that level")
        }
        if server.depth(ofActingUnder: event.proof) > Limits.maxDelegationDepth {
            throw Failure(.tooDeep)
        }
        if present == nil, server.memberCount(at: past) >= Limits.maxMembers {
            throw Failure(.limit, "\(Limits.maxMembers) members")
        }
    }

    package func apply(to server: inout ServerState, event: Event) {
        server.addGrant(self, event: event)
    }
}
