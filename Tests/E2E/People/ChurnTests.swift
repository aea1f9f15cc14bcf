import Foundation
import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Joins, prekey changes, removals and restarts at once: a channel is never without a key to send
/// under for longer than one anti-entropy round (issue "People and secrets").
@Suite struct ChurnTests {
    /// One anti-entropy round: the period and half of it.
    private static let round = Milliseconds.seconds(45)

    private struct Crowd {
        let mesh: Mesh
        let server: Server.ID
        let channel: Channel.ID
        var members: [Int]
        var outside: [Int]
        var random: SeededRandom
        var lives: [Int: UInt64] = [:]
        /// For how long each node has had no key to send under.
        var without: [Int: UInt64] = [:]
        var longest: UInt64 = 0
        var removed = 0
        var restarts = 0

        init(seed: UInt64, count: Int, atFirst: Int) throws {
            print("seed \(seed)")
            mesh = try Mesh(seed: seed, count: count) { _, configuration in
                configuration.keyPeriods.prekeyLife = .seconds(120)
                configuration.keyPeriods.rotatePause = .seconds(20)
            }
            let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
            server = try #require(created.server)
            channel = try #require(created.channel)
            members = [0]
            outside = Array(1..<count)
            random = SeededRandom(seed: seed)
            for _ in 1..<atFirst { try join() }
            mesh.run(for: .seconds(60))
        }

        mutating func join() throws {
            guard let node = outside.first else { return }
            outside.removeFirst()
            let invite = try mesh.act(
                0,
                .invite(server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
            _ = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
            members.append(node)
        }

        mutating func remove() throws {
            guard members.count > 4 else { return }
            let place = 1 + Int(random.next() % UInt64(members.count - 1))
            let node = members.remove(at: place)
            without[node] = nil
            removed += 1
            guard random.next() % 2 == 0 else {
                _ = try mesh.act(node, .server(.leave, in: server))
                return
            }
            let kick = RightsChange.kick(mesh.peerID(node), reason: "", lastAccepted: nil)
            _ = try mesh.act(0, .rights(kick, in: server, isRehearsal: false))
        }

        mutating func restart() throws {
            let node = members[Int(random.next() % UInt64(members.count))]
            lives[node, default: 0] += 1
            restarts += 1
            try mesh.crash(node, life: lives[node] ?? 1)
        }

        /// A second of everybody's time, and who could not have sent in it.
        mutating func watch() {
            mesh.run(for: .seconds(1))
            for node in members {
                let slot = mesh.core(node).servers[server]
                let epoch = slot?.state.sendingEpoch(of: channel)
                let isUsable = epoch.map { slot?.keys.holds($0.id) == true } ?? false
                without[node] = isUsable ? 0 : (without[node] ?? 0) + 1
                longest = max(longest, without[node] ?? 0)
            }
        }
    }

    private static func churn(_ crowd: inout Crowd, seconds: Int, joins: Int) throws {
        for second in 0..<seconds {
            switch second % 10 {
            case 0: for _ in 0..<joins { try crowd.join() }
            case 3: try crowd.remove()
            case 5, 8: try crowd.restart()
            default: break
            }
            crowd.watch()
        }
        for _ in 0..<60 { crowd.watch() }
        print("longest \(crowd.longest) s, \(crowd.removed) went, \(crowd.restarts) restarts")
        #expect(crowd.longest <= round.count / 1_000)
        // All who are left read what any of them writes, and nobody else does.
        for node in crowd.members.suffix(3) {
            _ = try crowd.mesh.post(node, crowd.server, crowd.channel, "from \(node)")
        }
        crowd.mesh.run(for: .seconds(90))
        let hash = crowd.mesh.stateHash(0, crowd.server)
        for node in crowd.members {
            #expect(crowd.mesh.stateHash(node, crowd.server) == hash, "node \(node)")
            let shown = try crowd.mesh.texts(node, crowd.server, crowd.channel)
            #expect(Set(shown) == Set(crowd.members.suffix(3).map { "from \($0)" }))
        }
    }

    @Test func `a dozen members who come, go and restart always have a key`() throws {
        var crowd = try Crowd(seed: 9_101, count: 12, atFirst: 6)
        try Self.churn(&crowd, seconds: 60, joins: 1)
        #expect(crowd.removed >= 5 && crowd.restarts >= 10 && crowd.outside.isEmpty)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["PEER_LONG"] != nil))
    func `two hundred members who come, go and restart always have a key`() throws {
        var crowd = try Crowd(seed: 9_102, count: 200, atFirst: 150)
        try Self.churn(&crowd, seconds: 100, joins: 5)
        #expect(crowd.removed >= 10 && crowd.restarts >= 20 && crowd.outside.isEmpty)
    }
}
