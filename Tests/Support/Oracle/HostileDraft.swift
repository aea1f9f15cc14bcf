import PeerState

extension HostileBuilder {
    /// A plausible body of this kind for the scene; `nil` when there is nothing to speak of.
    func draft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        switch kind {
        case 1, 13: []
        case 2: [.text("name \(wall % 97)")]
        case 3: [.text("about\n\(wall % 97)")]
        case 4, 10...15: memberDraft(kind, scene)
        case 20...27: roleDraft(kind, scene)
        case 30...33: voteDraft(kind, scene)
        case 40...42: joinDraft(kind, scene)
        case 50...55: channelDraft(kind, scene)
        case 60...66: contentDraft(kind, scene)
        case 70: [.map(profile())]
        case 80: [bytes(32)]
        case 81...83: keyDraft(kind, scene)
        default: [.unsigned(wall % 7), .text("later")]
        }
    }

    private func profile() -> [CBORValue.Pair] {
        var pairs: [CBORValue.Pair] = []
        if chance(70) { pairs.append(.init(0, chance(20) ? .null : .text("n\(wall % 31)"))) }
        if chance(40) { pairs.append(.init(2, chance(30) ? .null : .text("bio"))) }
        if chance(30) {
            pairs.append(.init(9, .unsigned(UInt64.random(in: 0...2, using: &random))))
        }
        if chance(20) { pairs.append(.init(99, .array([.unsigned(1)]))) }
        return pairs
    }

    /// Any key of the history, member or not.
    func anyone() -> CBORValue { pick(writers).map { .named($0.peer) } ?? .null }

    func somebodyElse(_ scene: HostileScene) -> Peer.ID? {
        pick(scene.members.filter { $0 != scene.me })
    }

    /// The default cut: the target's last event in the past; sometimes earlier, sometimes wrong.
    func cut(_ target: Peer.ID, _ scene: HostileScene) -> CBORValue {
        let own = world.inCanonicalOrder(scene.past).filter { world.events[$0].author == target }
        let last = own.max {
            let left = world.events[$0]
            let right = world.events[$1]
            return left.seq != right.seq ? left.seq < right.seq : left.id > right.id
        }
        var pin = last
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<72: break
        case 72..<86: pin = pick(own)
        case 86..<94: pin = nil
        default: pin = pick(scene.past.members)
        }
        guard let pin else { return .null }
        let seq = world.events[pin].seq + (chance(1) ? 1 : 0)
        return .array([.unsigned(seq), .named(world.events[pin].id)])
    }

    private func memberDraft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        switch kind {
        case 4: return somebodyElse(scene).map { [.named($0)] }
        case 10: return grantDraft(scene)
        case 11, 12:
            guard let target = somebodyElse(scene) else { return nil }
            return [.named(target), cut(target, scene), .text("")]
        case 14: return extendDraft(scene)
        default: return confirmDraft(scene)
        }
    }

    private func grantDraft(_ scene: HostileScene) -> [CBORValue]? {
        let strangers = writers.map(\.peer).filter { scene.view.active[$0] == nil }
        let target = chance(60) ? pick(strangers).map { .named($0) } ?? anyone() : anyone()
        let isAgentMaker = scene.level == 0
        var level = UInt64.random(in: 0...2, using: &random)
        if isAgentMaker || chance(30) { level = 0 }
        let isLoved = theme == .agents && level == 0
        let hasLimits = isAgentMaker || chance(isLoved ? 80 : theme == .agents ? 40 : 10)
        return [target, .unsigned(level), hasLimits ? attenuation(scene) : .null]
    }

    /// Some of the eight keys, rarely one from the future.
    func attenuation(_ scene: HostileScene) -> CBORValue {
        var pairs: [CBORValue.Pair] = []
        if chance(20) {
            let channels = scene.view.inForce(50).map { world.events[$0].id }.sorted().prefix(1)
            pairs.append(.init(0, .array(chance(30) ? [] : channels.map { .named($0) })))
        }
        if chance(20) {
            pairs.append(.init(1, .array([10, 42, 60, 61].map { .unsigned($0) })))
        }
        if chance(20) {
            pairs.append(.init(2, .unsigned(UInt64.random(in: 1...3, using: &random))))
        }
        if chance(15) {
            pairs.append(.init(3, .unsigned(UInt64.random(in: 300...1_500, using: &random))))
        }
        if chance(40) {
            let life = UInt64.random(in: 10_000...600_000, using: &random)
            pairs.append(.init(4, .unsigned(wall + life)))
        }
        if chance(25) {
            pairs.append(.init(5, .unsigned(UInt64.random(in: 0...2, using: &random))))
        }
        if chance(25) {
            pairs.append(.init(6, .unsigned(UInt64.random(in: 0...255, using: &random))))
        }
        if chance(35) {
            pairs.append(.init(7, .unsigned(UInt64.random(in: 2...25, using: &random))))
        }
        if chance(4) { pairs.append(.init(8, .bool(true))) }
        return .map(pairs)
    }

    private func extendDraft(_ scene: HostileScene) -> [CBORValue]? {
        let lowerings = scene.view.inForce([11, 12, 21, 23, 24, 26, 33])
        guard let lowering = pick(lowerings) else { return nil }
        let target = world.target(lowering)
        let own = scene.past.members.filter { number in
            let author = world.events[number].author
            if let target { return author == target && !world.past[lowering].contains(number) }
            return author != scene.me
        }
        guard let pin = pick(own) else { return nil }
        return [
            .named(world.events[lowering].id), .unsigned(world.events[pin].seq),
            .named(world.events[pin].id),
        ]
    }

    private func confirmDraft(_ scene: HostileScene) -> [CBORValue]? {
        guard let author = pick(scene.view.rawFork.keys.sorted()) else { return nil }
        let from = scene.view.rawFork[author] ?? 1
        let own = scene.past.members.filter {
            world.events[$0].author == author && world.events[$0].seq + 1 >= from
        }
        guard let pin = pick(own) else { return nil }
        return [.named(author), .unsigned(world.events[pin].seq), .named(world.events[pin].id)]
    }
}
