/// Who may give and take permissions and roles (PROTOCOL 4.3).
extension ServerState {
    /// ManageRoles and everything given away; ManageRoles itself is for admins.
    ///
    /// - Errors: `noPermission`, with all that is missing.
    func requireRoleRights(
        _ given: Permissions, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let own = permissions(of: place.author, at: place.past)
        var missing = given.union(.manageRoles).subtracting(own).words
        let level = standing(of: place.author, at: place.past)?.level ?? .member
        if given.contains(.manageRoles) && level < .admin {
            missing.insert("level \(Level.admin.word)", at: 0)
        }
        guard missing.isEmpty else {
            throw Failure(.noPermission, "needs \(missing.joined(separator: ", "))")
        }
    }

    /// The same for a role as it stands: one that holds ManageRoles is for admins.
    func requireRoleRights(
        holding given: Permissions, of role: Slot, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        if permissions(ofRole: role, at: place.past).contains(.manageRoles) {
            try requireLevel(.admin, of: place.author, at: place.past)
        }
        try requireRoleRights(given, at: place)
    }

    /// Refuses taking a permission or role from somebody who is not junior.
    ///
    /// - Errors: `unknownTarget`, `noPermission`, `badCut`, `notSenior`.
    func checkTaking(
        from target: Peer.ID, cut: Cut?, isAdministration: Bool, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let victim = standing(of: target, at: place.past),
            let own = standing(of: place.author, at: place.past)
        else { throw Failure(.unknownTarget, "not an active member") }
        if isDirect { throw Failure(.noPermission, "a direct server has no administration") }
        if isAdministration && own.level < .admin {
            throw Failure(.noPermission, "ManageRoles is taken by admins")
        }
        if target == place.author {
            if cut != nil { throw Failure(.badCut, "one's own place is the pin") }
            return
        }
        try require(.manageRoles, of: place.author, at: place.past)
        try checkCut(cut, of: target, at: place, mayRollBack: own.level >= .admin)
        guard own.key < victim.key else { throw Failure(.notSenior) }
    }

    /// A restricted channel is opened by one of its readers.
    func requireHolder(
        ofOne readers: [Event.ID], at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard holds(oneOf: readers, place.author, at: place.past) else {
            throw Failure(.notReader, "hold one of the roles first")
        }
    }

    /// Whether a peer holds one of these roles now.
    package func holds(oneOf roles: [Event.ID], _ peer: Peer.ID) -> Bool {
        holds(oneOf: roles, peer, at: now)
    }

    private func holds(oneOf roles: [Event.ID], _ peer: Peer.ID, at past: Past) -> Bool {
        roles.contains { id in
            guard let role = graph.slot(of: id) else { return false }
            return holdsRole(peer, role, at: past)
        }
    }

    mutating func addRoleDeletion(_ id: Event.ID, _ slot: Slot) {
        guard let role = graph.slot(of: id) else { return }
        authority.roles[role]?.deletions.append(slot)
        addDerivedLowering(slot)
    }

    mutating func addRoleSetting(_ body: RolePermissionSet, _ slot: Slot) {
        guard let role = graph.slot(of: body.role) else { return }
        authority.add(
            AuthorityIndex.RoleSetting(
                slot: slot, permission: body.permission.permissions, isHeld: body.isHeld),
            to: role)
        guard !body.isHeld else { return }
        loweredSettings.insert(slot)
        addDerivedLowering(slot)
    }

    mutating func addAssignment(of id: Event.ID, to target: Peer.ID, _ slot: Slot) {
        guard let role = graph.slot(of: id) else { return }
        authority.add(
            AuthorityIndex.Assignment(slot: slot, target: target, role: role, pin: nil))
    }

    mutating func addUnassignment(_ body: RoleUnassigned, by author: Peer.ID, _ slot: Slot) {
        guard let role = graph.slot(of: body.role) else { return }
        let pin = body.target == author ? slot : body.cut.flatMap { graph.slot(of: $0.id) }
        authority.add(
            unassignment: AuthorityIndex.Assignment(
                slot: slot, target: body.target, role: role, pin: pin),
            by: author)
    }

    /// Whether a stored revocation or unassignment is by its own target.
    func isTakingFromOneself(_ slot: Slot) -> Bool {
        authority.taking(by: slot)?.isFromOneself ?? false
    }

    /// Whether a stored delete or reaction.remove is about something of its own author.
    func isAboutOwn(_ slot: Slot) -> Bool {
        content.subject(of: slot).map { graph.author($0) == graph.author(slot) } ?? false
    }

    /// The first pin of a lowering, and whose chain it is on; `nil` for what has none.
    func pinToExtend(of slot: Slot, towards pin: Event.ID) -> (pin: Slot?, target: Peer.ID)? {
        if let removal = authority.removals[slot] { return (removal.pin, removal.target) }
        if let taking = authority.taking(by: slot) { return (taking.pin, taking.target) }
        guard authority.unknownTo[slot] != nil, let moved = graph.slot(of: pin) else {
            return nil
        }
        return (derivedPin(of: slot, for: graph.author(moved)), graph.peer(moved))
    }

    /// The permissions that a stored 20, 22, 24 or 25 handed out.
    func given(by slot: Slot) -> Permissions {
        if let role = authority.roles[slot] { return role.permissions }
        switch authority.gift(of: slot) {
        case .permissions(let given): return given
        case .role(let role): return permissions(ofRole: role, at: graph.past(slot))
        case nil: return []
        }
    }
}
