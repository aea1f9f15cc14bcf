import PeerState

extension OracleView {
    /// Whether a message can be named: it is in force, its channel lives, nobody deleted it.
    func messageProblem(_ id: Event.ID?) -> String? {
        guard let message = thing(id, kind: 60) else { return "unknownTarget" }
        if let problem = channelProblem(event(message).event(0)) { return problem }
        return isDeleted(id) ? "deleted" : nil
    }

    func isDeleted(_ message: Event.ID?) -> Bool {
        inForce(62).contains { event($0).event(0) == message }
    }

    func reactionProblem(_ id: Event.ID?) -> String? {
        guard let reaction = thing(id, kind: 63) else { return "unknownTarget" }
        if let problem = messageProblem(event(reaction).event(0)) { return problem }
        return inForce(64).contains { event($0).event(0) == id } ? "deleted" : nil
    }

    /// Admissions of a link that hold.
    func uses(_ link: Event.ID?) -> Int {
        inForce(42).filter { event($0).event(0) == link }.count
    }

    func isRevoked(_ link: Event.ID?) -> Bool {
        inForce(41).contains { event($0).event(0) == link }
    }

    /// Everyone with a row in section 2.
    var everMembers: Set<Peer.ID> {
        guard let create = ordered.first(where: { event($0).kind == 0 }) else { return [] }
        var result = Set(founders(create))
        let raises = inForce(33).filter { world.action($0) == 1 }
        for number in inForce([10, 42]) + raises {
            if let target = world.target(number) { result.insert(target) }
        }
        for owner in owners { result.insert(owner.peer) }
        return result
    }

    /// 1 active, 2 suspended, 3 removed, 4 left.
    func status(_ peer: Peer.ID) -> UInt64 {
        if active[peer] != nil { return 1 }
        guard let last = endings(of: peer).last else { return 3 }
        if event(last).kind == 13 { return 4 }
        return world.isSuspension(last) ? 2 : 3
    }

    /// The server's threshold: the last enacted change, majority before any.
    var threshold: CBORValue {
        let changes = inForce(33).filter { world.action($0) == 3 }
        guard let last = changes.last, world.actionItems(last).count > 1 else {
            return .array([.unsigned(0), .unsigned(0)])
        }
        return world.actionItems(last)[1]
    }
}
