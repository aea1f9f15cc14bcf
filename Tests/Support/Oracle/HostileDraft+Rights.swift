import PeerState

extension HostileBuilder {
    func roleDraft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        if kind == 22 {
            let held = UInt64(scene.view.bits(scene.me))
            let mask = UInt64.random(in: 0...255, using: &random)
            return [.text("role \(wall % 89)"), .unsigned(chance(90) ? held & mask : mask)]
        }
        let roles = chance(90) ? scene.view.liveRoles : scene.view.inForce(22)
        let member = chance(85) ? somebodyElse(scene) : scene.me
        let permission = permission(kind, member, scene)
        if kind == 20 { return member.map { [.named($0), .unsigned(permission)] } }
        if kind == 21 {
            guard let member else { return nil }
            if member == scene.me {
                // Whether one may give up one's own ManageRoles is left open by the page.
                return permission == 2 ? nil : [.named(member), .unsigned(permission), .null]
            }
            return [.named(member), .unsigned(permission), cut(member, scene)]
        }
        guard let role = pick(roles).map({ CBORValue.named(world.events[$0].id) }) else {
            return nil
        }
        switch kind {
        case 23: return [role]
        case 24: return [role, .unsigned(permission), .bool(chance(60))]
        case 25: return member.map { [.named($0), role] }
        case 26:
            guard let member else { return nil }
            return [.named(member), role, member == scene.me ? .null : cut(member, scene)]
        default: return [role, .text("role \(wall % 83)")]
        }
    }

    /// For a revocation mostly one that the member has, for a grant one that the author has.
    private func permission(_ kind: UInt64, _ member: Peer.ID?, _ scene: HostileScene) -> UInt64 {
        let bits = kind == 21 ? member.map { scene.view.bits($0) } ?? 0 : scene.view.bits(scene.me)
        let held = (0..<8).filter { bits & (1 << $0) != 0 }
        if chance(70), let permission = pick(held) { return UInt64(permission) }
        return UInt64.random(in: 0...7, using: &random)
    }

    func voteDraft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        if kind == 30 { return proposeDraft(scene) }
        let all = scene.view.inForce(30)
        let open = all.filter {
            scene.view.standing($0, lamport: scene.view.largestLamport + 1).status == 1
        }
        var wanted = mayStray ? all : open
        if kind == 33 && !mayStray { wanted = open.filter { isReady($0, scene) } }
        if kind == 31 && !mayStray { wanted = open.filter { isWaiting($0, for: scene.me) } }
        if kind == 32 && !mayStray { wanted = open.filter { world.events[$0].author == scene.me } }
        guard let proposal = pick(wanted) else { return nil }
        let id = CBORValue.named(world.events[proposal].id)
        switch kind {
        case 31: return [id, .bool(chance(75))]
        case 32: return [id]
        default: return enactDraft(proposal, scene)
        }
    }

    func hasReadyProposal(_ scene: HostileScene) -> Bool {
        scene.view.inForce(30).contains {
            isReady($0, scene)
                && scene.view.standing($0, lamport: scene.view.largestLamport).status == 1
        }
    }

    private func isReady(_ proposal: Int, _ scene: HostileScene) -> Bool {
        let yes = scene.view.standing(proposal, lamport: scene.view.largestLamport).yes
        return yes >= OracleVotes.needed(world, proposal: proposal)
    }

    private func isWaiting(_ proposal: Int, for peer: Peer.ID) -> Bool {
        OracleVotes.electors(world.viewBefore(proposal)).contains(peer)
    }

    private func proposeDraft(_ scene: HostileScene) -> [CBORValue]? {
        let owner = scene.view.owner
        let members = scene.members.filter { $0 != owner || chance(5) }
        var action: [CBORValue]
        switch Int.random(in: 1...4, using: &random) {
        case 1:
            let level = UInt64.random(in: 0...2, using: &random)
            action = [.unsigned(1), anyone(), .unsigned(level)]
        case 3:
            let mode = UInt64.random(in: 0...2, using: &random)
            let count = mode == 2 ? UInt64.random(in: 0...3, using: &random) : 0
            action = [.unsigned(3), .array([.unsigned(mode), .unsigned(count)])]
        default:
            guard let target = pick(members) else { return nil }
            action = [.unsigned(chance(60) ? 2 : 4), .named(target)]
        }
        let digest = OracleVotes.digest(OracleVotes.electors(scene.view))
        let threshold =
            chance(97) ? scene.view.threshold : .array([.unsigned(1), .unsigned(0)])
        let life = UInt64.random(in: 10...45, using: &random)
        return [
            .array(action), threshold, chance(97) ? .bytes(digest) : bytes(32), .unsigned(life),
            .text(""),
        ]
    }

    /// Whoever acts under an admission, an attenuation or against himself stays out: what his
    /// enact rests on is left open by the page.
    private func enactDraft(_ proposal: Int, _ scene: HostileScene) -> [CBORValue]? {
        guard let grant = scene.view.active[scene.me], world.attenuations(under: grant).isEmpty,
            !world.proofs(grant).contains(where: { world.events[$0].kind == 42 })
        else { return nil }
        let items = world.actionItems(proposal)
        let target: Peer.ID? = items.count > 1 ? items[1].identifier() : nil
        if target == scene.me { return nil }
        let yes = scene.view.ballots(proposal).values.filter(scene.view.isYes)
        var listed = yes.map { world.events[$0].id }.sorted()
        if chance(10) { listed = listed.filter { _ in chance(60) } }
        let verb = world.action(proposal)
        let pin = verb == 2 || verb == 4 ? target.map { cut($0, scene) } ?? .null : .null
        return [
            .named(world.events[proposal].id), .array(listed.map { .named($0) }), pin,
        ]
    }

    func joinDraft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        if kind == 40 {
            linkKey = SigningKey(seed: entropy.bytes(32))
            let expiry = wall + UInt64.random(in: 1...900_000, using: &random)
            return [
                .named(linkKey.publicKey), .unsigned(chance(75) ? 1 : 2),
                chance(25) ? .unsigned(expiry) : .null, .unsigned(0),
                chance(15) ? attenuation(scene) : .null, chance(15) ? anyone() : .null,
                .text("link"),
            ]
        }
        let inForce = scene.view.inForce(40)
        let known = scene.past.members.filter { world.events[$0].kind == 40 }
        guard let issue = pick(mayStray && chance(20) ? known : inForce) else { return nil }
        let id = world.events[issue].id
        if kind == 41 { return [.named(id)] }
        let strangers = writers.map(\.peer).filter { scene.view.active[$0] == nil }
        guard let target = !mayStray || chance(70) ? pick(strangers) : pick(writers)?.peer,
            let key = links[id]
        else { return nil }
        let message =
            Array("peer-agent/claim/1".utf8) + world.server.bytes + id.bytes + target.bytes
        let claim = !mayStray || chance(80) ? CBORValue.bytes(key.sign(message).bytes) : bytes(64)
        return [.named(id), .named(target), claim]
    }
}
