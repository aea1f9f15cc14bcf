import PeerNet
import PeerState
import PeerTesting
import Testing

/// Several nodes on a memory network, their effects carried out as a real node would.
struct SyncWorld {
    static let home = toyServer(1)

    let seed: Seed
    var network: MemoryNetwork
    var nodes: [ToyNode]
    /// Bytes of each link that do not make a frame yet.
    private var partial: [LinkID: [UInt8]] = [:]
    /// Bytes sent minus credit that reached the sender, by link and want.
    private var outstanding: [LinkID: [UInt64: Int]] = [:]
    private(set) var trace: UInt64 = 0
    private(set) var frames: [UInt64: Int] = [:]
    /// Frames and bytes sent, by node.
    private(set) var sent: [Int: (frames: Int, bytes: Int)] = [:]
    private(set) var largestOutstanding = 0
    private(set) var openWants = 0
    var violations: [String] = []
    /// Envelopes handed out, by node.
    private(set) var received: [Int: Set<[UInt8]>] = [:]

    init(_ seed: Seed, nodes count: Int, _ conditions: MemoryConditions = MemoryConditions()) {
        self.seed = seed
        network = MemoryNetwork(seed: seed.child("net"), conditions: conditions)
        nodes = (0..<count).map { ToyNode($0, seed: seed) }
        for index in nodes.indices { nodes[index].hold(Self.home, members: Array(0..<count)) }
    }

    mutating func connectAll() {
        for from in nodes.indices {
            for to in nodes.indices where to > from { network.connect(from: from, to: to) }
        }
    }

    /// Writes and commits an own event of a node, with the heads it knows as deps.
    mutating func write(
        _ node: Int, size: Int = 10, deps: Int = 1,
        naming isNamed: (Peer.ID) -> Bool = { _ in true }
    ) {
        let held = nodes[node].replica.held[Self.home] ?? ToyReplica.Held()
        let own = held.heads[nodes[node].peer]
        let others = held.heads.filter { $0.key != nodes[node].peer && isNamed($0.key) }
            .sorted { $0.key < $1.key }.prefix(deps).map(\.value.id)
        let edges = others + (own.map { [$0.id] } ?? [])
        let event = ToyEvent(
            server: Self.home, author: nodes[node].peer, seq: (own?.seq ?? 0) + 1, prev: own?.id,
            deps: others, lamport: (edges.compactMap { held.events[$0]?.lamport }.max() ?? 0) + 1,
            size: size)
        commit(nodes[node].replica.insert(event), origin: nil, isOwn: true, node)
    }

    /// Compares one scope with the first neighbour.
    mutating func repair(_ node: Int, _ scope: NegScope) {
        guard let link = network.openLinks.first(where: { network.node(of: $0) == node }) else {
            return
        }
        feed(.reconcile(Self.home, scope, link), node)
    }

    mutating func run(for duration: Milliseconds, until isDone: (Self) -> Bool = { _ in false }) {
        let end = network.now + duration
        while let time = network.nextTime, time <= end, !isDone(self) {
            guard let next = network.next() else { return }
            step(next)
        }
    }

    var hasConverged: Bool {
        let heads = nodes[0].replica.heads(of: Self.home)
        return nodes.allSatisfy { $0.replica.heads(of: Self.home) == heads }
    }

    private mutating func step(_ next: MemoryNetwork.Occurrence) {
        switch next.event {
        case .opened(let link, let isDialler, let peer):
            feed(
                .linkUp(
                    link, peer: toyPeer(peer), incarnation: toyIncarnation(peer),
                    isDialler: isDialler), next.node)
        case .closed(let link):
            partial[link] = nil
            feed(.linkDown(link), next.node)
        case .bytes(let link, let bytes): receive(bytes, link, next.node)
        case .wake: feed(.timer, next.node)
        case .dialFailed: break
        }
    }

    private mutating func receive(_ bytes: [UInt8], _ link: LinkID, _ node: Int) {
        var all = (partial[link] ?? []) + bytes
        while all.count >= 4 {
            let length = all.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard all.count >= 4 + length else { break }
            let frame = Array(all[4..<4 + length])
            all.removeFirst(4 + length)
            if case .credit(let id, let bytes)? = try? SyncMessage(decoding: frame) {
                outstanding[link]?[id, default: 0] -= Int(bytes)
            }
            feed(.frame(link, frame), node)
        }
        partial[link] = all
    }

    private mutating func feed(_ input: SyncCore.Input, _ node: Int) {
        var inputs = [input]
        while !inputs.isEmpty {
            let next = inputs.removeFirst()
            let effects = nodes[node].core.handle(
                next, context: nodes[node].replica, now: network.now)
            for effect in effects { inputs += perform(effect, node) }
        }
    }

    /// Carries out one effect, and returns what the core must hear of it.
    private mutating func perform(_ effect: SyncCore.Effect, _ node: Int) -> [SyncCore.Input] {
        note(effect, node)
        switch effect {
        case .send(let link, let frame):
            count(frame, link, node)
            let length = UInt32(frame.count)
            network.send(withUnsafeBytes(of: length.bigEndian) { Array($0) } + frame, on: link)
        case .deliver(_, let envelopes, let link, let wantID):
            received[node, default: []].formUnion(envelopes)
            var inputs: [SyncCore.Input] = []
            for envelope in envelopes {
                guard let event = try? ToyEvent(decoding: envelope) else { continue }
                let committed = nodes[node].replica.insert(event)
                if !committed.isEmpty {
                    inputs.append(.committed(Self.home, Self.describe(committed, link, false)))
                }
            }
            if let wantID {
                let bytes = envelopes.reduce(0) { $0 + $1.count }
                inputs.append(.consumed(link, wantID: wantID, bytes: bytes))
            }
            return inputs
        case .read(let request):
            return [.loaded(request.id, nodes[node].replica.page(request))]
        case .wake(let at): network.schedule(node, at: at)
        case .close(let link, let code):
            violations.append("node \(node) closed \(link): \(code)")
        case .badFrame(_, let type, _): violations.append("node \(node): bad frame \(type)")
        case .rejected, .unmet, .offered, .lowered, .caughtUp, .doubted, .differs, .progress,
            .unhandled:
            break
        }
        return []
    }

    private mutating func commit(
        _ events: [ToyEvent], origin: LinkID?, isOwn: Bool, _ node: Int
    ) {
        feed(.committed(Self.home, Self.describe(events, origin, isOwn)), node)
    }

    private static func describe(
        _ events: [ToyEvent], _ origin: LinkID?, _ isOwn: Bool
    ) -> [SyncCore.CommittedEvent] {
        events.map {
            SyncCore.CommittedEvent(
                author: $0.author, seq: $0.seq, id: $0.id, envelope: $0.envelope, origin: origin,
                isOwn: isOwn)
        }
    }

    /// Counts a frame and checks what a sender may never do.
    private mutating func count(_ frame: [UInt8], _ link: LinkID, _ node: Int) {
        let before = sent[node] ?? (0, 0)
        sent[node] = (before.frames + 1, before.bytes + frame.count)
        if frame.count > Limits.maxFrame { violations.append("frame of \(frame.count) bytes") }
        guard (try? CBORScan.check(frame)) != nil,
            let message = try? SyncMessage(decoding: frame)
        else {
            violations.append("node \(node) sent what does not read")
            return
        }
        frames[message.type, default: 0] += 1
        switch message {
        case .events(_, let id, let envelopes, _):
            let bytes = envelopes.reduce(0) { $0 + $1.count }
            let sum = (outstanding[link]?[id] ?? 0) + bytes
            outstanding[link, default: [:]][id] = sum
            largestOutstanding = max(largestOutstanding, sum)
            if sum > Limits.creditWindow { violations.append("want \(id) over credit: \(sum)") }
        case .reject(let reject): violations.append("reject \(reject.code) of \(reject.about)")
        default: break
        }
    }

    private mutating func note(_ effect: SyncCore.Effect, _ node: Int) {
        let line =
            if case .send(let link, let bytes) = effect {
                "\(network.now) \(node) \(link) \(bytes)"
            } else {
                "\(network.now) \(node) \(effect)"
            }
        for byte in line.utf8 { trace = (trace ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
}

@Suite struct SyncWorldTests {
    /// Gives each node a random part of a common history that is closed under its edges.
    static func scatter(_ world: inout SyncWorld, authors: Int, events: Int) {
        var random = world.seed.stream("scatter")
        var writer = ToyReplica()
        var all: [ToyEvent] = []
        var heads: [Peer.ID: ToyEvent] = [:]
        for _ in 0..<events {
            let author = toyPeer(500 + Int(random.next() % UInt64(authors)))
            let dep = all.randomElement(using: &random)
            let deps = dep.map { $0.author == author ? [] : [$0] } ?? []
            let event = ToyEvent(
                server: SyncWorld.home, author: author, seq: (heads[author]?.seq ?? 0) + 1,
                prev: heads[author]?.id, deps: deps.map(\.id),
                lamport: max(heads[author]?.lamport ?? 0, deps.first?.lamport ?? 0) + 1,
                size: Int(random.next() % 3_000))
            heads[author] = event
            all.append(event)
            _ = writer.insert(event)
        }
        for node in world.nodes.indices {
            let share = random.next() % 101
            for event in all where random.next() % 100 < share {
                take(event, from: writer, &world.nodes[node].replica)
            }
        }
    }

    /// Inserts an event after everything it rests on.
    private static func take(
        _ event: ToyEvent, from writer: ToyReplica, _ replica: inout ToyReplica
    ) {
        var work = [event]
        var order: [ToyEvent] = []
        var seen: Set<Event.ID> = []
        while let next = work.popLast() {
            guard seen.insert(next.id).inserted else { continue }
            order.append(next)
            for id in next.deps + [next.prev].compactMap({ $0 }) {
                if let edge = writer.held[event.server]?.events[id] { work.append(edge) }
            }
        }
        for event in order.sorted(by: { $0.key < $1.key }) { _ = replica.insert(event) }
    }

    static func world(_ number: Int) -> SyncWorld {
        let seed = Seed(UInt64(number) &* 0x9e37_79b9)
        var random = seed.stream("shape")
        let conditions = MemoryConditions(
            medianDelay: Milliseconds(1 + random.next() % 100),
            slowOneIn: random.next() % 3 == 0 ? 50 : 0)
        return SyncWorld(seed, nodes: 2 + Int(random.next() % 3), conditions)
    }

    @Test func `any parts of a history become the whole on every node`() {
        for number in 1...40 {
            var world = Self.world(number)
            Self.scatter(&world, authors: 1 + number % 12, events: 40 + number * 5)
            world.connectAll()
            world.run(for: .seconds(300)) { $0.hasConverged }
            #expect(world.hasConverged, "seed \(world.seed)")
            #expect(world.violations.isEmpty, "seed \(world.seed): \(world.violations)")
        }
        print("sync: 40 histories, seeds 1…40 × 0x9e3779b9")
    }

    @Test func `bytes that come one by one change nothing`() {
        var world = SyncWorld(Seed(77), nodes: 2, MemoryConditions(chunkMax: 1))
        Self.scatter(&world, authors: 3, events: 12)
        world.connectAll()
        world.run(for: .seconds(100)) { $0.hasConverged }
        #expect(world.hasConverged)
        #expect(world.violations.isEmpty)
    }

    @Test func `a large history moves within its credit`() {
        var world = SyncWorld(Seed(5), nodes: 2)
        for event in toyChain(toyPeer(500), SyncWorld.home, 120, size: 50_000) {
            _ = world.nodes[0].replica.insert(event)
        }
        world.connectAll()
        world.run(for: .seconds(60)) { $0.hasConverged }
        #expect(world.hasConverged)
        #expect(world.violations.isEmpty, "\(world.violations)")
        #expect((900_000...Limits.creditWindow).contains(world.largestOutstanding))
    }

    @Test func `5,000 authors come over to a node that knows none`() {
        var world = SyncWorld(Seed(6), nodes: 2)
        for number in 0..<5_000 {
            let event = toyChain(toyPeer(10_000 + number), SyncWorld.home, 1)[0]
            _ = world.nodes[0].replica.insert(event)
        }
        world.connectAll()
        world.run(for: .seconds(60)) { $0.hasConverged }
        #expect(world.hasConverged)
        #expect(world.violations.isEmpty, "\(world.violations)")
        print("sync: 5,000 authors after \(world.network.now.nanoseconds / 1_000_000) ms")
    }

    @Test func `pushed events reach all linked members in one hop and once each`() {
        var world = SyncWorld(Seed(9), nodes: 6)
        world.connectAll()
        world.run(for: .seconds(1))
        let before = world.frames
        for _ in 0..<10 {
            for node in world.nodes.indices { world.write(node) }
            world.run(for: 400)
        }
        #expect(world.hasConverged)
        #expect(world.violations.isEmpty)
        let pushes = (world.frames[31] ?? 0) - (before[31] ?? 0)
        let payloads = Double(pushes) / Double(60 * 5)
        print("push: \(payloads) payloads per node and event")
        #expect(payloads >= 1 && payloads <= 5)
    }

    @Test func `a chain of nodes passes events on to its end`() {
        var world = SyncWorld(Seed(10), nodes: 6)
        for node in 0..<5 { world.network.connect(from: node, to: node + 1) }
        world.run(for: .seconds(1))
        world.write(0)
        world.write(0, size: 20_000)
        world.run(for: .seconds(5)) { $0.hasConverged }
        #expect(world.hasConverged)
        #expect(world.violations.isEmpty)
    }

    @Test func `both sides of a partition meet again`() {
        for number in 1...10 {
            var world = SyncWorld(Seed(UInt64(number)), nodes: 5)
            world.connectAll()
            world.run(for: .seconds(2))
            world.network.partition([[0, 1], [2, 3, 4]], isSilent: number.isMultiple(of: 2))
            for round in 0..<10 {
                for node in world.nodes.indices { world.write(node, size: round * 500) }
                world.run(for: .seconds(1))
            }
            #expect(!world.hasConverged)
            world.network.heal()
            world.network.connect(from: 0, to: 2)
            world.run(for: .seconds(120)) { $0.hasConverged }
            #expect(world.hasConverged, "seed \(world.seed)")
            #expect(world.violations.isEmpty, "seed \(world.seed): \(world.violations)")
        }
    }

    @Test func `links that are cut at any time only delay`() {
        for number in 1...20 {
            var world = Self.world(1_000 + number)
            Self.scatter(&world, authors: 6, events: 150)
            world.connectAll()
            var random = world.seed.stream("cuts")
            for _ in 0..<20 {
                world.run(for: Milliseconds(random.next() % 300))
                let links = world.network.openLinks
                if let link = links.randomElement(using: &random) {
                    let node = world.network.node(of: link) ?? 0
                    let other = world.network.otherEnd(of: link).flatMap(world.network.node) ?? 1
                    world.network.cut(link)
                    world.network.connect(from: node, to: other)
                }
                world.write(Int(random.next() % UInt64(world.nodes.count)))
            }
            world.run(for: .seconds(300)) { $0.hasConverged }
            #expect(world.hasConverged, "seed \(world.seed)")
            let bad = world.violations.filter { !$0.contains("overQuota") }
            #expect(bad.isEmpty, "seed \(world.seed): \(bad)")
        }
    }

    @Test func `one seed gives one trace`() {
        func run(_ number: Int) -> UInt64 {
            var world = Self.world(number)
            Self.scatter(&world, authors: 8, events: 80)
            world.connectAll()
            for node in world.nodes.indices { world.write(node, size: 9_000) }
            world.run(for: .seconds(120))
            return world.trace
        }
        for number in 1...5 {
            let trace = run(number)
            #expect(trace == run(number), "seed number \(number)")
            print("sync: seed number \(number) has trace \(trace)")
        }
        #expect(run(1) != run(2))
    }
}
