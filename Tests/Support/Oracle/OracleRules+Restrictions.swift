import PeerState

extension OracleRules {
    /// Attenuations along the proof chain, and the rate of removals (5.10).
    func restriction() -> String? {
        let all =
            event.proof.flatMap { world.number($0) }.map { world.attenuations(under: $0) } ?? []
        if all.contains(where: isAttenuated) { return "attenuated" }
        if event.kind == 10 || event.kind == 42 {
            let isTooFar = all.contains { one in
                one.number(5).map { UInt64(one.distance) > $0 } ?? false
            }
            if isTooFar { return "notDelegated" }
        }
        if all.contains(where: isExpired) { return "expired" }
        if all.contains(where: isLapsed) { return "lapsed" }
        if all.contains(where: isOverRate) || isOverRemovals { return "overRate" }
        if all.contains(where: isOverBudget) { return "overBudget" }
        return nil
    }

    private func isAttenuated(_ one: OracleAttenuation) -> Bool {
        if one.hasUnknownKey && ![1, 13, 70].contains(event.kind) { return true }
        if !one.allows(kind: event.kind) { return true }
        guard let channel = channelSpokenOf else { return false }
        return !one.allows(channel: channel)
    }

    /// The channel that an event writes to, by its own word or by its message's.
    private var channelSpokenOf: Event.ID? {
        switch event.kind {
        case 51...55, 60, 81...83: return event.event(0)
        case 61, 62, 63, 65, 66: return channel(ofMessage: event.event(0))
        case 64:
            guard let reaction = world.number(event.event(0)),
                world.events[reaction].kind == 63
            else { return nil }
            return channel(ofMessage: world.events[reaction].event(0))
        default: return nil
        }
    }

    private func channel(ofMessage id: Event.ID?) -> Event.ID? {
        guard let message = world.number(id), world.events[message].kind == 60 else { return nil }
        return world.events[message].event(0)
    }

    private func isExpired(_ one: OracleAttenuation) -> Bool {
        guard let expiry = one.number(4) else { return false }
        let other = world.latest(of: one.grantor, before: number).map { world.wallPlus[$0] } ?? 0
        return max(world.wallPlus[number], other) > expiry
    }

    private func isLapsed(_ one: OracleAttenuation) -> Bool {
        guard let life = one.number(7), let last = world.latest(of: one.grantor, before: number)
        else { return false }
        return event.lamport - world.events[last].lamport > life
    }

    private func window(_ length: UInt64) -> [OracleEvent] {
        let now = world.wallPlus[number] / length
        return world.chain[number].members.filter { world.wallPlus[$0] / length == now }
            .map { world.events[$0] }
    }

    private func isOverRate(_ one: OracleAttenuation) -> Bool {
        one.number(2).map { UInt64(window(60_000).count) > $0 } ?? false
    }

    private func isOverBudget(_ one: OracleAttenuation) -> Bool {
        one.number(3).map { limit in
            UInt64(window(86_400_000).reduce(0) { $0 + $1.size }) > limit
        } ?? false
    }

    private var isOverRemovals: Bool {
        guard event.kind == 11 || event.kind == 12 else { return false }
        let recent = world.chain[number].members.map { world.events[$0] }.filter {
            ($0.kind == 11 || $0.kind == 12)
                && $0.lamport + world.limits.removalWindow > event.lamport
        }
        return recent.count > world.limits.removalsPerAuthor
    }
}
