import PeerState

extension OracleRules {
    private var roles: Int { OracleView.manageRoles }

    func roleRefusal() -> String? {
        switch event.kind {
        case 20: grantPermissionRefusal()
        case 21: revokePermissionRefusal()
        case 22: createRoleRefusal()
        case 25: assignRefusal()
        case 26: unassignRefusal()
        default: changeRoleRefusal()
        }
    }

    /// What 20, 22, 24 and 25 ask: every permission held; ManageRoles by admins alone.
    private func mayHandOut(_ bits: UInt64) -> Bool {
        if world.isDirect || bits >> 8 != 0 { return false }
        let touchesRoles = bits & (1 << UInt64(roles)) != 0
        if touchesRoles && level < 2 || lacks(roles) { return false }
        return (0..<8).allSatisfy { permission in
            permission == roles || bits & (1 << UInt64(permission)) == 0 || !lacks(permission)
        }
    }

    private func grantPermissionRefusal() -> String? {
        guard isActive(event.peer(0)) else { return "unknownTarget" }
        return mayHandOut(1 << event.number(1)) ? nil : "noPermission"
    }

    private func revokePermissionRefusal() -> String? {
        guard let target = event.peer(0), let other = view.level(target) else {
            return "unknownTarget"
        }
        if world.isDirect { return "noPermission" }
        let touchesRoles = event.number(1) == UInt64(roles)
        if touchesRoles && !(level >= 2 && other < 2) { return "noPermission" }
        if target == author { return event.item(2) == .null ? nil : "badCut" }
        if !touchesRoles && lacks(roles) { return "noPermission" }
        if let problem = cutProblem(of: target, mayRollBack: level >= 2) { return problem }
        return touchesRoles || isSenior(to: target) ? nil : "notSenior"
    }

    private func createRoleRefusal() -> String? {
        guard mayHandOut(event.number(1)) else { return "noPermission" }
        return view.liveRoles.count >= world.limits.roles ? "limit" : nil
    }

    private func hasManageRoles(_ role: Event.ID?) -> Bool {
        view.thing(role, kind: 22).map {
            view.bits(ofRole: $0) & (1 << UInt64(roles)) != 0
        } ?? false
    }

    private func assignRefusal() -> String? {
        guard isActive(event.peer(0)) else { return "unknownTarget" }
        if let problem = view.roleProblem(event.event(1)) { return problem }
        guard let role = view.thing(event.event(1), kind: 22) else { return "unknownTarget" }
        return mayHandOut(view.bits(ofRole: role)) ? nil : "noPermission"
    }

    private func unassignRefusal() -> String? {
        guard let target = event.peer(0), isActive(target) else { return "unknownTarget" }
        if let problem = view.roleProblem(event.event(1)) { return problem }
        if world.isDirect { return "noPermission" }
        let touchesRoles = hasManageRoles(event.event(1))
        if touchesRoles && level < 2 { return "noPermission" }
        if target == author { return event.item(2) == .null ? nil : "badCut" }
        if !touchesRoles && lacks(roles) { return "noPermission" }
        if let problem = cutProblem(of: target, mayRollBack: level >= 2) { return problem }
        return isSenior(to: target) ? nil : "notSenior"
    }

    /// Kinds 23, 24 and 27.
    private func changeRoleRefusal() -> String? {
        if let problem = view.roleProblem(event.event(0)) { return problem }
        if world.isDirect { return "noPermission" }
        switch event.kind {
        case 23:
            let may = hasManageRoles(event.event(0)) ? level >= 2 : !lacks(roles)
            return may ? nil : "noPermission"
        case 24: return mayHandOut(1 << event.number(1)) ? nil : "noPermission"
        default: return lacks(roles) ? "noPermission" : nil
        }
    }

    /// The permissions an admissible event needed, for the cuts of 5.5.
    func needs() -> [OracleNeed] {
        needed().map { OracleNeed(permission: $0, sources: view.sources(author, $0)) }
    }

    private func needed() -> [Int] {
        func split(_ bits: UInt64) -> [Int] {
            (0..<8).filter { bits & (1 << UInt64($0)) != 0 }
        }
        let isOwnTarget = event.peer(0) == author
        switch event.kind {
        case 20, 24: return [roles, Int(event.number(1))]
        case 21, 26: return isOwnTarget ? [] : [roles]
        case 22: return [roles] + split(event.number(1))
        case 23, 27: return [roles]
        case 25:
            return [roles]
                + (view.thing(event.event(1), kind: 22).map { split(view.bits(ofRole: $0)) } ?? [])
        case 40: return [OracleView.createInvite]
        case 42: return level >= 1 ? [] : [OracleView.syncProvider]
        case 50, 51, 52, 53, 54: return [OracleView.manageChannels]
        case 55, 60, 61, 63, 81: return [OracleView.sendMessages]
        case 62, 64: return isOwnContent ? [] : [OracleView.moderateMessages]
        case 65, 66: return world.isDirect ? [] : [OracleView.managePins]
        default: return []
        }
    }
}
