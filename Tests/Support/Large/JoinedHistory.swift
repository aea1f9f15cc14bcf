import PeerNet
import PeerNode
import PeerState

/// A newcomer fetches a server's whole history from one member, over a link that is cut (S-212).
///
/// Everything is real but sockets and time: signatures, sessions, store, rights. Authors come one
/// by one, so that the right of each lies between the events of others.
package struct JoinedHistory {
    /// What a join was, and what of it broke a promise.
    package struct Report {
        package var events = 0
        package var arrivals = 0
        package var lives = 0
        /// Sent by the giver, in all lives, and what of it the newcomer stored.
        package var bytesSent = 0
        package var bytesStored = 0
        /// What reached the newcomer at all; a cut loses what is on its way.
        package var bytesArrived = 0
        /// The most that was on its way to the newcomer at once, in bytes.
        package var underWay = 0
        /// The most events that waited for others.
        package var pending = 0
        package var problems: [String] = []
    }

    /// What is noted while a join goes on.
    private final class Watch {
        var report = Report()
        var stored: Set<Event.ID> = []
        var granted: Set<Peer.ID> = []
        var underWay = 0
        /// Messages that came over the link as it is now.
        var arrivalsOfLife = 0
    }

    private let mesh: Mesh
    private let server: Server.ID
    private let channel: Channel.ID
    private let founder: Peer.ID
    private var random: SeededRandom
    private var wall: UInt64 = 1_710_000_000_000

    /// - Parameters:
    ///   - events: how many are written, besides those of the founding.
    ///   - newcomers: how many may join; each knows the founder alone.
    package init(seed: UInt64, events: Int, newcomers: Int) throws {
        random = SeededRandom(seed: seed)
        mesh = try Mesh(seed: seed, count: newcomers + 1)
        mesh.blocksDial = { $0 != 0 && $1 != 0 }
        founder = mesh.peerID(0)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        guard let server = created.server, let channel = created.channel else {
            throw NodeFailure(.internalError, "no server")
        }
        (self.server, self.channel) = (server, channel)
        try write(events)
    }

    private mutating func write(_ count: Int) throws {
        guard var replica = mesh.core(0).servers[server]?.replica,
            let epoch = replica.state.newestEpoch(of: channel),
            let secret = mesh.core(0).servers[server]?.keys.key(epoch.id)
        else { throw NodeFailure(.internalError, "no key") }
        var entropy = Entropy.seeded(SeededRandom(seed: random.next()))
        var keys = [mesh.key(0)]
        var envelopes: [[UInt8]] = []
        for number in 0..<count {
            wall += 10
            var author = keys[Int(random.next() % UInt64(keys.count))]
            let body: any EventBody
            switch number % 50 {
            case 0:
                author = keys[0]
                keys.append(SigningKey(seed: entropy.bytes(32)))
                let target = keys[keys.count - 1].publicKey
                body = MemberGranted(target: target, level: number % 200 == 0 ? .admin : .member)
            case 25: body = ProfileUpdated(displayName: "name \(number)")
            default:
                let text = "\(number) " + String(repeating: "x", count: 400)
                let next = replica.nextPlace(of: author.publicKey)
                let place = MessagePlace(
                    server: server, channel: channel, epoch: epoch.id, commit: epoch.commit,
                    author: author.publicKey, seq: next.seq, prev: next.prev,
                    kind: MessagePosted.kind)
                let sealed = place.seal(
                    MessageText(text, mentions: []), channelKey: secret, &entropy)
                body = MessagePosted(channel: channel, sealed: sealed, parent: nil)
            }
            let writer = Replica.Writer(key: author, wallMilliseconds: wall)
            envelopes += try replica.author(body, by: writer).map(\.envelope.bytes)
            if envelopes.count >= 500 || number == count - 1 {
                mesh.hand(0, server, envelopes)
                envelopes = []
            }
        }
    }

    /// Lets a newcomer join, and cuts its link again and again.
    ///
    /// - Parameter cut: after how many arrivals on the link of its n-th life; `nil` for no more.
    package func join(_ node: Int, cut: @escaping (_ life: Int) -> Int?) throws -> Report {
        let watch = Watch()
        observe(node, watch)
        defer {
            mesh.onArrival = nil
            mesh.onWire = nil
            mesh.onStored = nil
        }
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
        mesh.begin(node, .acceptInvite(code: invite.inviteCode ?? ""))
        try run(node, watch, cut)
        watch.report.events = watch.stored.count
        if mesh.stateHash(node, server) != mesh.stateHash(0, server) {
            watch.report.problems.append("the states differ")
        }
        let missing = try Set(mesh.envelopes(0, server)).subtracting(mesh.envelopes(node, server))
        if !missing.isEmpty { watch.report.problems.append("\(missing.count) events are missing") }
        return watch.report
    }

    private func run(_ node: Int, _ watch: Watch, _ cut: (Int) -> Int?) throws {
        let end = mesh.network.now + Milliseconds.seconds(3_600)
        var limit = cut(0)
        while mesh.network.now < end {
            guard mesh.step() else { break }
            let pending = mesh.core(node).servers[server]?.waitingCount ?? 0
            watch.report.pending = max(watch.report.pending, pending)
            if let most = limit, watch.arrivalsOfLife >= most {
                for link in mesh.network.openLinks where mesh.network.node(of: link) == node {
                    mesh.cut(link)
                }
                watch.underWay = 0
                watch.arrivalsOfLife = 0
                watch.report.lives += 1
                limit = cut(watch.report.lives)
            }
            if holdsAll(node) { return }
        }
        watch.report.problems.append("the history did not come in an hour")
    }

    private func holdsAll(_ node: Int) -> Bool {
        guard let own = mesh.core(node).servers[server]?.committedHeads,
            let theirs = mesh.core(0).servers[server]?.committedHeads
        else { return false }
        return own == theirs
    }

    private func observe(_ node: Int, _ watch: Watch) {
        mesh.onWire = { from, bytes in
            guard from == 0 else { return }
            watch.report.bytesSent += bytes.count
            watch.underWay += bytes.count
            watch.report.underWay = max(watch.report.underWay, watch.underWay)
        }
        mesh.onArrival = { to, count in
            guard to == node else { return }
            watch.report.arrivals += 1
            watch.arrivalsOfLife += 1
            watch.report.bytesArrived += count
            watch.underWay -= count
        }
        let founder = founder
        mesh.onStored = { at, batch in
            guard at == node else { return }
            for row in batch.events { Self.note(row, watch, founder) }
        }
    }

    /// Genesis comes first, every event after those it points at, and no author before its right.
    private static func note(_ row: StoredEvent, _ watch: Watch, _ founder: Peer.ID) {
        let event: Event
        do {
            event = try Event(decoding: Envelope(decoding: row.envelope), for: row.server)
        } catch {
            return watch.report.problems.append("\(row.id.short) does not decode: \(error)")
        }
        func report(_ text: String) { watch.report.problems.append("\(row.id.short): \(text)") }
        if watch.stored.isEmpty, !(event.body is ServerCreated) { report("is first, no genesis") }
        if !watch.stored.isSuperset(of: event.deps + [event.prev].compactMap { $0 }) {
            report("came before what it points at")
        }
        if event.author != founder, !watch.granted.contains(event.author) {
            report("came before the right of its author")
        }
        if let grant = event.body as? MemberGranted { watch.granted.insert(grant.target) }
        if !watch.stored.insert(row.id).inserted { report("is stored twice") }
        watch.report.bytesStored += row.envelope.count
    }
}
