import PeerState

extension HostileBuilder {
    /// The fields of 3.1 around a body, with the deps that it does not name itself.
    func statement(
        _ kind: UInt64, _ body: [CBORValue], _ scene: HostileScene, proof: Event.ID?
    ) throws(Failure<WireCode>) -> HostileStatement {
        let head = writers[scene.writer].head
        let item = CBORValue.array(body)
        let named = OracleEvent.named(kind: kind, body: body).compactMap { world.numbers[$0] }
        let deps = scene.deps.filter { dep in
            dep != head && !named.contains { $0 == dep || world.past[$0].contains(dep) }
        }
        let edges = deps + named + (head.map { [$0] } ?? [])
        let lamport = (edges.map { world.events[$0].lamport }.max() ?? 0) + 1
        return try HostileStatement(
            payload(kind, item, scene, proof: proof, deps: deps, lamport: lamport))
    }

    private func payload(
        _ kind: UInt64, _ body: CBORValue, _ scene: HostileScene, proof: Event.ID?, deps: [Int],
        lamport: UInt64
    ) -> CBORValue {
        let head = writers[scene.writer].head.map { world.events[$0] }
        let ids = deps.map { world.events[$0].id }.sorted()
        return .array([
            .unsigned(1), .named(world.server), .named(scene.me),
            .unsigned((head?.seq ?? 0) + 1), head.map { .named($0.id) } ?? .null,
            .array(ids.map { .named($0) }), proof.map { .named($0) } ?? .null, .unsigned(kind),
            .unsigned(lamport), .unsigned(wall + writers[scene.writer].skew), body,
        ])
    }

    /// Writes a body at once, whatever the rules say of it.
    func write(
        _ kind: UInt64, _ body: [CBORValue], _ writer: Int, hasDeps: Bool = true
    ) throws(Failure<WireCode>) {
        let whole = scene(for: writer)
        let scene = HostileScene(
            writer: writer, me: whole.me, view: whole.view, deps: hasDeps ? whole.deps : [])
        try keep(try statement(kind, body, scene, proof: proof(scene)), writer)
    }

    /// The other half of a demotion: the target comes back lower.
    func regrant(_ removal: OracleEvent, _ writer: Int) throws(Failure<WireCode>) {
        try write(10, [removal.item(0), .unsigned(chance(60) ? 0 : 1), .null], writer)
    }

    /// Further parts of a rotation; sometimes one that does not fit.
    func finishRotation(_ first: [CBORValue], _ writer: Int) throws(Failure<WireCode>) {
        guard let parts = first[6].number, parts > 1 else { return }
        for part in 1..<parts {
            var body = first
            body[5] = .unsigned(part)
            body[7] = .array(pendingBoxes)
            if chance(8) { body[1] = bytes(32) }
            try write(81, body, writer, hasDeps: false)
        }
    }

    /// The first events: members at every level, a channel, prekeys, a key.
    func prepare() throws(Failure<WireCode>) {
        if theme != .direct {
            for (place, writer) in writers.enumerated().dropFirst().dropLast(newcomers) {
                let isElector = place == 1 || theme == .votes && place < 3
                let least: UInt64 = isElector ? 2 : theme == .links ? 1 : 0
                let level = UInt64.random(in: least...2, using: &random)
                try write(10, [.named(writer.peer), .unsigned(level), .null], 0)
            }
            try write(
                50, [.text("general"), .unsigned(0), .text(""), .unsigned(0), .null, .null], 0)
        }
        try write(80, [bytes(32)], 0)
        for place in writers.indices.dropFirst().dropLast(newcomers) where chance(70) {
            learnEverything(place)
            if chance(50) { try write(80, [bytes(32)], place) }
        }
        learnEverything(0)
        let scene = scene(for: 0)
        if let body = rotation(scene, isHonest: true) {
            try write(81, body, 0)
            try finishRotation(body, 0)
        }
        for place in writers.indices.dropLast(newcomers) where chance(80) { learnEverything(place) }
    }
}
