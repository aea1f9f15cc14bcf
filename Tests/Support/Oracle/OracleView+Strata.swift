import PeerState

extension OracleView {
    private static let membership: Set<UInt64> = [0, 4, 10, 11, 12, 13, 14, 15, 30, 31, 32, 33]

    private func isAdministration(_ number: Int) -> Bool {
        (20...27).contains(event(number).kind)
    }

    private func isLowering(_ number: Int) -> Bool {
        switch event(number).kind {
        case 21, 23, 26: true
        case 24: !event(number).item(2).isTrue
        default: false
        }
    }

    /// Strata 2 to 4 of 5.5.
    func voidCut() {
        let stratum2 = ordered.filter {
            isInForce($0) && isAdministration($0) && world.level(at: $0) >= 2
        }
        let stratum3 = ordered.filter {
            isInForce($0) && isAdministration($0) && world.level(at: $0) < 2
        }
        var lowerings = stratum2.filter(isLowering)
        for number in stratum3 where isCut(number, by: lowerings) {
            void[number] = "voidedByRevoke"
        }
        lowerings += stratum3.filter { isInForce($0) && isLowering($0) }
        for number in ordered where isInForce(number) && !isAdministration(number) {
            guard !Self.membership.contains(event(number).kind) else { continue }
            if isCut(number, by: lowerings) { void[number] = "voidedByRevoke" }
        }
        voidResting()
    }

    private func isCut(_ number: Int, by lowerings: [Int]) -> Bool {
        world.needs[number].contains { need in
            need.sources.allSatisfy { source in
                lowerings.contains { takes($0, source, need.permission, from: number) }
            }
        }
    }

    private func takes(
        _ lowering: Int, _ source: OracleSource, _ permission: Int, from number: Int
    ) -> Bool {
        let holder = event(number).author
        guard takes(lowering, source, permission, of: holder),
            !world.past[number].contains(lowering)
        else { return false }
        guard let pin = pin(of: lowering, for: holder) else { return true }
        return number != pin && !world.past[pin].contains(number)
    }

    /// Whether a lowering takes this source away (the table of 5.4).
    func takes(
        _ lowering: Int, _ source: OracleSource, _ permission: Int, of holder: Peer.ID
    ) -> Bool {
        let event = event(lowering)
        func isBehind(_ number: Int) -> Bool { world.past[number].contains(lowering) }
        let isRevoke =
            event.kind == 21 && event.peer(0) == holder && event.number(1) == UInt64(permission)
        switch source {
        case .level(let grant, let isExempt): return isRevoke && !isExempt && !isBehind(grant)
        case .direct(let grant): return isRevoke && !isBehind(grant)
        case .role(let role, let put, let assign):
            if isRevoke { return !isBehind(assign) }
            let id = self.event(role).id
            switch event.kind {
            case 23: return event.event(0) == id
            case 24:
                return event.event(0) == id && event.number(1) == UInt64(permission)
                    && !event.item(2).isTrue && !isBehind(put)
            case 26: return event.peer(0) == holder && event.event(1) == id && !isBehind(assign)
            default: return false
            }
        }
    }

    /// Revocations and the over-claim rule of 4.5.
    func voidAdmissions() {
        for number in ordered where isInForce(number) && event(number).kind == 42 {
            let crossed = ordered.contains { revoke in
                isInForce(revoke) && event(revoke).kind == 41
                    && event(revoke).event(0) == event(number).event(0)
                    && !world.past[number].contains(revoke)
                    && !world.past[revoke].contains(number)
            }
            if crossed { void[number] = "voidedByRevoke" }
        }
        voidResting()
        for issue in ordered where isInForce(issue) && event(issue).kind == 40 {
            let id = event(issue).id
            var open = ordered.filter {
                isInForce($0) && event($0).kind == 42 && event($0).event(0) == id
            }
            var uses = 0
            while !open.isEmpty {
                let ready = open.filter { one in
                    !open.contains { world.past[one].contains($0) }
                }
                guard let next = ready.min(by: admissionOrder) else { break }
                open.removeAll { $0 == next }
                uses += 1
                if uses > Int(event(issue).number(1)) { void[next] = "overClaimed" }
            }
            voidResting()
        }
    }

    private func admissionOrder(_ left: Int, _ right: Int) -> Bool {
        let a = world.key(left)
        let b = world.key(right)
        if a != b { return a < b }
        if event(left).seq != event(right).seq { return event(left).seq < event(right).seq }
        return event(left).id < event(right).id
    }
}
