import PeerState

extension OracleView {
    static let syncProvider = 0
    static let manageChannels = 1
    static let manageRoles = 2
    static let sendMessages = 3
    static let createInvite = 4
    static let moderateMessages = 5
    static let managePins = 6
    static let manageAgents = 7

    private static func defaults(_ level: Int) -> Int {
        switch level {
        case 0: 0b0000_1000
        case 1: 0b0111_1000
        default: 0b1111_1111
        }
    }

    func holds(_ peer: Peer.ID, _ permission: Int) -> Bool {
        !sources(peer, permission).isEmpty
    }

    func bits(_ peer: Peer.ID) -> Int {
        (0..<8).reduce(0) { $0 | (holds(peer, $1) ? 1 << $1 : 0) }
    }

    /// The sources of a permission that are alive.
    func sources(_ peer: Peer.ID, _ permission: Int) -> [OracleSource] {
        guard let grant = active[peer] else { return [] }
        let masks = world.attenuations(under: grant)
        guard masks.allSatisfy({ $0.allows(permission: permission) }) else { return [] }
        let lowerings = inForce([21, 23, 24, 26])
        return allSources(peer, permission, grant: grant).filter { source in
            !lowerings.contains {
                let isLowering = event($0).kind != 24 || !event($0).item(2).isTrue
                return isLowering && takes($0, source, permission, of: peer)
            } && !isEnded(source, of: peer)
        }
    }

    private func allSources(
        _ peer: Peer.ID, _ permission: Int, grant: Int
    ) -> [OracleSource] {
        var result: [OracleSource] = []
        let level = world.level(of: grant, for: peer)
        if Self.defaults(level) & (1 << permission) != 0 {
            let isExempt = level == 3 || (level == 2 && permission == Self.manageRoles)
            result.append(.level(grant: grant, isExempt: isExempt))
        }
        for number in inForce(20) where event(number).peer(0) == peer {
            if event(number).number(1) == UInt64(permission) { result.append(.direct(number)) }
        }
        for assign in inForce(25) where event(assign).peer(0) == peer {
            if permission == Self.manageRoles && world.level(at: assign) < 2 { continue }
            guard let role = thing(event(assign).event(1), kind: 22) else { continue }
            for put in puts(permission, role: role) {
                result.append(.role(role: role, put: put, assign: assign))
            }
        }
        return result
    }

    /// What put a permission into a role: its creation, or a set.
    private func puts(_ permission: Int, role: Int) -> [Int] {
        let id = event(role).id
        let created = event(role).number(1) & (1 << UInt64(permission)) != 0 ? [role] : []
        return created
            + inForce(24).filter {
                event($0).event(0) == id && event($0).number(1) == UInt64(permission)
                    && event($0).item(2).isTrue
            }
    }

    /// Removals proper and leaves end direct grants and assignments that do not know them.
    private func isEnded(_ source: OracleSource, of peer: Peer.ID) -> Bool {
        let carrier: Int
        switch source {
        case .level: return false
        case .direct(let grant): carrier = grant
        case .role(_, _, let assign): carrier = assign
        }
        return hasEnded(carrier, of: peer)
    }

    private func hasEnded(_ carrier: Int, of peer: Peer.ID) -> Bool {
        endings(of: peer).contains {
            !world.isSuspension($0) && !world.past[carrier].contains($0)
        }
    }

    /// Whether a role is there, was deleted, or never was.
    func roleProblem(_ id: Event.ID?) -> String? {
        guard thing(id, kind: 22) != nil else { return "unknownTarget" }
        return inForce(23).contains { event($0).event(0) == id } ? "deleted" : nil
    }

    var liveRoles: [Int] { inForce(22).filter { roleProblem(event($0).id) == nil } }

    /// The permissions of a live role.
    func bits(ofRole role: Int) -> UInt64 {
        let id = event(role).id
        var result: UInt64 = 0
        for permission in 0..<8 {
            let alive = puts(permission, role: role).contains { put in
                !inForce(24).contains {
                    event($0).event(0) == id && event($0).number(1) == UInt64(permission)
                        && !event($0).item(2).isTrue && !world.past[put].contains($0)
                }
            }
            if alive { result |= 1 << UInt64(permission) }
        }
        return result
    }

    /// Whether a peer has a role, awake or asleep.
    func hasRole(_ peer: Peer.ID, _ id: Event.ID) -> Bool {
        guard roleProblem(id) == nil else { return false }
        return inForce(25).contains { assign in
            event(assign).peer(0) == peer && event(assign).event(1) == id
                && !hasEnded(assign, of: peer)
                && !inForce(26).contains {
                    event($0).peer(0) == peer && event($0).event(1) == id
                        && !world.past[assign].contains($0)
                }
        }
    }
}
