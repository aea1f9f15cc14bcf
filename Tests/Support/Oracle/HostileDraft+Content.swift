import PeerState

extension HostileBuilder {
    /// Mostly a live channel, now and then a deleted one.
    private func someChannel(_ scene: HostileScene) -> Event.ID? {
        let live = scene.view.liveChannels
        let all = !mayStray || chance(70) ? live : live + scene.view.inForce(50)
        return pick(all).map { world.events[$0].id }
    }

    func channelDraft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        let roles = scene.view.liveRoles.map { world.events[$0].id }
        let mine = roles.filter { scene.view.hasRole(scene.me, $0) }
        func readers(_ from: [Event.ID]) -> CBORValue {
            let ids = from.shuffled(using: &random).prefix(2).sorted()
            return ids.isEmpty ? .null : .array(ids.map { .named($0) })
        }
        if kind == 50 {
            let idle: CBORValue = chance(20) ? .array([.unsigned(3_600_000)]) : .null
            return [
                .text("room \(wall % 101)"), .unsigned(chance(88) ? 0 : 1), .text("topic"),
                .unsigned(chance(70) ? 0 : 1), chance(40) ? readers(mine) : .null, idle,
            ]
        }
        guard let id = someChannel(scene) else { return nil }
        let channel = CBORValue.named(id)
        switch kind {
        case 52: return [channel, .text("room \(wall % 103)")]
        case 53: return [channel, .text("topic \(wall % 107)")]
        case 54: return [channel, chance(60) ? readers(chance(60) ? mine : roles) : .null]
        default: return [channel]
        }
    }

    private func sealed(_ channel: Event.ID, _ scene: HostileScene) -> [CBORValue]? {
        let own = scene.view.epochs(channel)
        let epochs = mayStray && (own.isEmpty || chance(25)) ? scene.view.inForce(81) : own
        guard let epoch = pick(epochs) else { return nil }
        return [.named(world.events[epoch].id), bytes(24), bytes(20)]
    }

    func contentDraft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        if kind == 60 { return postDraft(scene) }
        if kind == 64 {
            let own = scene.view.inForce(63).filter {
                chance(40) || world.events[$0].author == scene.me
            }
            return pick(own).map { [.named(world.events[$0].id)] }
        }
        var messages = scene.view.inForce(60)
        if kind == 61 || (kind == 62 && chance(50)) {
            messages = messages.filter { world.events[$0].author == scene.me || chance(5) }
        }
        guard let message = pick(messages), let channel = world.events[message].event(0) else {
            return nil
        }
        let id = CBORValue.named(world.events[message].id)
        switch kind {
        case 61, 63: return sealed(channel, scene).map { [id] + $0 }
        case 62: return [id, .text("")]
        default: return [id]
        }
    }

    private func postDraft(_ scene: HostileScene) -> [CBORValue]? {
        guard let channel = someChannel(scene), let sealed = sealed(channel, scene) else {
            return nil
        }
        let all = scene.view.inForce(60)
        let near = all.filter { world.events[$0].event(0) == channel || mayStray && chance(30) }
        let parent = chance(30) ? pick(near).map { CBORValue.named(world.events[$0].id) } : nil
        var agent = CBORValue.null
        if chance(isChatter ? 95 : 15) {
            var causes = (0..<2).compactMap { _ in pick(scene.past.members) }
            let deepest = all.max { world.causeDepth($0) < world.causeDepth($1) }
            if isChatter && chance(95) { causes = deepest.map { [$0] } ?? causes }
            let ids = Set(causes.map { world.events[$0].id }).sorted()
            agent = .array([.array(ids.map { .named($0) }), .null, .null, .null])
        }
        let blobs: [CBORValue] = chance(10) ? [.array([bytes(32), .unsigned(100)])] : []
        return [.named(channel)] + sealed + [parent ?? .null, .array(blobs), agent]
    }

    func keyDraft(_ kind: UInt64, _ scene: HostileScene) -> [CBORValue]? {
        if kind == 81 { return rotation(scene, isHonest: !chance(15)) }
        guard let channel = someChannel(scene) else { return nil }
        let all = scene.view.epochs(channel)
        let mine = all.filter { scene.view.isRecipient(scene.me, of: $0) }
        if kind == 83 {
            guard let epoch = pick(chance(90) ? mine : all) else { return nil }
            return [
                .named(channel), .named(world.events[epoch].id), .unsigned(chance(60) ? 0 : 1),
            ]
        }
        guard let to = somebodyElse(scene), !mine.isEmpty else { return nil }
        let epochs = Array(mine.map { world.events[$0].id }.sorted().prefix(2))
        return [
            .named(channel), .named(to), .array(epochs.map { .named($0) }),
            bytes(48 + 32 * epochs.count),
        ]
    }

    /// The first part of a rotation; the boxes of a second one wait in `pendingBoxes`.
    func rotation(_ scene: HostileScene, isHonest: Bool) -> [CBORValue]? {
        guard let channel = someChannel(scene), let create = scene.view.channel(channel) else {
            return nil
        }
        let readers = scene.view.sealableReaders(create)
        var boxes = readers.map { _ in entropy.bytes(80) }
        for place in boxes.indices where chance(isHonest ? 10 : 30) {
            boxes[place] = [UInt8](repeating: 0, count: 80)
        }
        var keys: [UInt8] = []
        for (reader, box) in zip(readers, boxes) where box.contains(where: { $0 != 0 }) {
            keys += reader.bytes
        }
        var digest = Sodium.hash("peer-agent/readers/1", keys).bytes
        var parents = scene.view.parents(channel)
        if !isHonest {
            switch Int.random(in: 0...3, using: &random) {
            case 0: boxes.append([UInt8](repeating: 0, count: 80))
            case 1: digest = entropy.bytes(32)
            case 2: parents = parents.isEmpty ? parents : []
            default: boxes = Array(boxes.dropLast())
            }
        }
        let isOpen = world.isDirect || world.events[create].number(3) == 0
        let previous = isOpen ? parents.map { _ in bytes(104) } : []
        let parts = boxes.count > 1 && chance(15) ? 2 : 1
        let first = parts == 2 ? boxes.count / 2 : boxes.count
        pendingBoxes = boxes.dropFirst(first).map { .bytes($0) }
        return [
            .named(channel), bytes(32), .array(parents.map { .named($0) }), bytes(32),
            .bytes(digest), .unsigned(0), .unsigned(UInt64(parts)),
            .array(boxes.prefix(first).map { .bytes($0) }), .array(previous),
        ]
    }
}
