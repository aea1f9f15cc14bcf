import PeerNet
import PeerNode
package import PeerState

/// A server whose members join, change prekeys, are removed and restart at once, and for how long
/// any of them could not have sent: no channel may be without a usable key for longer than one
/// anti-entropy round (issue "People and secrets").
package struct Churn {
    /// One anti-entropy round: the period and half of it.
    package static let round = Milliseconds.seconds(45)

    private let mesh: Mesh
    private let server: Server.ID
    private let channel: Channel.ID
    private var members = [0]
    private var random: SeededRandom
    private var lives: [Int: UInt64] = [:]
    /// For how long each node has had no key to send under.
    private var without: [Int: UInt64] = [:]
    package private(set) var outside: [Int]
    package private(set) var longestSeconds: UInt64 = 0
    package private(set) var removed = 0
    package private(set) var restarts = 0

    package init(seed: UInt64, count: Int, atFirst: Int) throws {
        mesh = try Mesh(seed: seed, count: count) { _, configuration in
            configuration.keyPeriods.prekeyLife = .seconds(120)
            configuration.keyPeriods.rotatePause = .seconds(20)
        }
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        guard let server = created.server, let channel = created.channel else {
            throw NodeFailure(.internalError, "no server")
        }
        self.server = server
        self.channel = channel
        outside = Array(1..<count)
        random = SeededRandom(seed: seed)
        for _ in 1..<atFirst { try join() }
        mesh.run(for: .seconds(60))
    }

    /// Lets them come, go and restart, and then a minute of rest.
    ///
    /// - Parameter joins: newcomers every ten seconds.
    package mutating func run(seconds: Int, joins: Int) throws {
        for second in 0..<seconds {
            switch second % 10 {
            case 0: for _ in 0..<joins { try join() }
            case 3: try remove()
            case 5, 8: try restart()
            default: break
            }
            watch()
        }
        for _ in 0..<60 { watch() }
    }

    /// What is wrong once messages were written: whoever is left reads them all, nobody else's.
    package func problems() throws -> [String] {
        var problems: [String] = []
        if longestSeconds > Self.round.count / 1_000 {
            problems.append("somebody had no key to send under for \(longestSeconds) s")
        }
        let written = members.suffix(3).map { "from \($0)" }
        for node in members.suffix(3) { _ = try mesh.post(node, server, channel, "from \(node)") }
        mesh.run(for: .seconds(90))
        let hash = mesh.stateHash(0, server)
        for node in members {
            if mesh.stateHash(node, server) != hash { problems.append("node \(node): state") }
            let shown = try mesh.texts(node, server, channel)
            if Set(shown) != Set(written) { problems.append("node \(node) reads \(shown)") }
        }
        return problems
    }

    private mutating func join() throws {
        guard let node = outside.first else { return }
        outside.removeFirst()
        let invite = try mesh.act(
            0, .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
        _ = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
        members.append(node)
    }

    private mutating func remove() throws {
        guard members.count > 4 else { return }
        let place = 1 + Int(random.next() % UInt64(members.count - 1))
        let node = members.remove(at: place)
        without[node] = nil
        removed += 1
        guard random.next() % 2 == 0 else {
            _ = try mesh.act(node, .server(.leave(), in: server))
            return
        }
        let kick = RightsChange.kick(mesh.peerID(node), reason: "", lastAccepted: nil)
        _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
    }

    private mutating func restart() throws {
        let node = members[Int(random.next() % UInt64(members.count))]
        lives[node, default: 0] += 1
        restarts += 1
        try mesh.crash(node, life: lives[node] ?? 1)
    }

    /// A second of everybody's time, and who could not have sent in it.
    private mutating func watch() {
        mesh.run(for: .seconds(1))
        for node in members {
            let slot = mesh.core(node).servers[server]
            let epoch = slot?.state.sendingEpoch(of: channel)
            let isUsable = epoch.map { slot?.keys.holds($0.id) == true } ?? false
            without[node] = isUsable ? 0 : (without[node] ?? 0) + 1
            longestSeconds = max(longestSeconds, without[node] ?? 0)
        }
    }
}
