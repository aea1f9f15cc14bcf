import PeerState

extension OracleView {
    /// The rows of section 6.2, by section 1 … 15, in no useful order.
    func rows() -> [[CBORValue]] {
        [
            serverRows(), memberRows(), permissionRows(), roleRows(), proposalRows(), linkRows(),
            channelRows(), messageRows(), reactionRows(), pinRows(), profileRows(), prekeyRows(),
            epochRows(), forkRows(), voidRows(),
        ].enumerated().map { place, rows in
            rows.map { .array([.unsigned(UInt64(place + 1))] + $0) }
        }
    }

    func latest(_ kind: UInt64, of id: Event.ID) -> Int? {
        inForce(kind).last { event($0).event(0) == id }
    }

    private func serverRows() -> [[CBORValue]] {
        guard let create = ordered.first(where: { event($0).kind == 0 }) else { return [] }
        let name = inForce(2).last.map { event($0).item(0) } ?? event(create).item(0)
        let description = inForce(3).last.map { event($0).item(0) } ?? .text("")
        return [
            [
                name, description, owner.map { .named($0) } ?? .null, event(create).item(1),
                threshold,
            ]
        ]
    }

    private func memberRows() -> [[CBORValue]] {
        everMembers.map { peer in
            guard let grant = active[peer] else {
                return [.named(peer), .unsigned(status(peer)), .unsigned(0), .null, .null]
            }
            let proof: CBORValue = event(grant).kind == 0 ? .null : .named(event(grant).id)
            let level = world.level(of: grant, for: peer)
            return [
                .named(peer), .unsigned(1), .unsigned(UInt64(level)), proof,
                world.attenuationItem(grant),
            ]
        }
    }

    private func permissionRows() -> [[CBORValue]] {
        active.keys.map { [.named($0), .unsigned(UInt64(bits($0)))] }
    }

    private func roleRows() -> [[CBORValue]] {
        liveRoles.map { role in
            let id = event(role).id
            let name = latest(27, of: id).map { event($0).item(1) } ?? event(role).item(0)
            let holders = everMembers.filter { status($0) <= 2 && hasRole($0, id) }.sorted()
            return [
                .named(id), name, .unsigned(bits(ofRole: role)),
                .array(holders.map { .named($0) }),
            ]
        }
    }

    private func proposalRows() -> [[CBORValue]] {
        inForce(30).map { proposal in
            let standing = standing(proposal, lamport: largestLamport)
            return [
                .named(event(proposal).id), .unsigned(standing.status),
                .unsigned(UInt64(standing.yes)), .unsigned(UInt64(standing.no)),
            ]
        }
    }

    private func linkRows() -> [[CBORValue]] {
        inForce(40).map { issue in
            let id = event(issue).id
            let uses = UInt64(uses(id))
            let status: UInt64 = isRevoked(id) ? 2 : uses >= event(issue).number(1) ? 3 : 1
            return [.named(id), .unsigned(status), .unsigned(uses)]
        }
    }

    private func prekeyRows() -> [[CBORValue]] {
        active.keys.compactMap { peer in
            prekey(peer).map { [.named(peer), .named(event($0).id), event($0).item(0)] }
        }
    }

    private func forkRows() -> [[CBORValue]] {
        forkPoint.map { [.named($0.key), .unsigned($0.value)] }
    }

    private func voidRows() -> [[CBORValue]] {
        ordered.filter { !isInForce($0) }.map { [.named(event($0).id)] }
    }
}
