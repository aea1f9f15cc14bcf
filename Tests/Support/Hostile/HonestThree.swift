package import PeerNet
package import PeerNode
package import PeerState

/// A server of three honest peers, and a place from which somebody else reaches the first.
///
/// What an attack costs node 0 is counted; afterwards the three must be as they were.
/// - Source: HOSTILE 3.
package final class HonestThree {
    /// What node 0 spent on an attack.
    package struct Spent {
        package var work: Cost
        /// Batches written to its database.
        package var writes: Int
        /// Bytes it sent to the visitor.
        package var answered: Int
    }

    package static let place = 3
    package let mesh: Mesh
    package let server: Server.ID
    package let channel: Channel.ID
    package let visitor = Visitor()
    private let lines: Locked<[String]>
    private var hash: Digest.Value?
    private var texts = 0
    /// As far as time has passed, though nothing happened last.
    private var clock = Instant.zero

    package init(
        seed: UInt64, configure: @escaping (Int, inout NodeConfiguration) -> Void = { _, _ in }
    ) throws {
        print("seed \(seed)")
        let lines = Locked<[String]>([])
        self.lines = lines
        mesh = try Mesh(
            seed: seed, count: 3,
            log: Log(level: .debug) { line in lines.withLock { $0.append(line) } },
            configure: configure)
        mesh.outsiders[Self.place] = visitor
        (server, channel) = try mesh.gather()
        mesh.run(for: .seconds(60))
        hash = mesh.stateHash(0, server)
        lines.withLock { $0 = [] }
    }

    /// What the nodes wrote to their logs since the beginning.
    package var log: [String] { lines.withLock { $0 } }

    /// Lines with this word in them.
    package func logged(_ word: String) -> Int { log.count { $0.contains(word) } }

    /// Dials node 0; returns the near end once it is open.
    package func dial(from place: Int = HonestThree.place) throws -> LinkID {
        mesh.outsiders[place] = visitor
        guard let ends = mesh.network.connect(from: place, to: 0) else {
            throw NodeFailure(.offline, "the network is parted")
        }
        while !visitor.opened.contains(ends.dialler) {
            guard mesh.step() else { throw NodeFailure(.offline, "nothing goes on") }
        }
        return ends.dialler
    }

    package func write(_ bytes: [UInt8], on link: LinkID) {
        mesh.network.send(bytes, on: link)
    }

    package func send(_ frame: [UInt8], on link: LinkID) {
        for (link, bytes) in visitor.send(frame, on: link, now: mesh.network.now) {
            mesh.network.send(bytes, on: link)
        }
    }

    /// Whether node 0 closed this link.
    package func isClosed(_ link: LinkID) -> Bool { visitor.closed.contains(link) }

    /// What the visitor costs node 0 during `body` and the time after it.
    package func spent(
        for time: Milliseconds = .seconds(8), _ body: () throws -> Void
    ) rethrows -> Spent {
        let before = (mesh.outsideCost, mesh.outsideWrites, answered)
        try body()
        run(for: time)
        var work = mesh.outsideCost
        work -= before.0
        return Spent(
            work: work, writes: mesh.outsideWrites - before.1, answered: answered - before.2)
    }

    /// Lets time pass until it is so much later than the last moment of another call.
    package func run(for time: Milliseconds) {
        let end = max(clock, mesh.network.now) + time
        while let next = mesh.network.nextTime, next <= end { guard mesh.step() else { break } }
        clock = end
    }

    /// Takes the present state as the one that must not change.
    package func settle() { hash = mesh.stateHash(0, server) }

    /// Says to node 0 that somebody of its network listens there.
    package func discover(_ address: String) { mesh.feed(0, .discovered(address: address)) }

    private var answered: Int { visitor.received.values.reduce(0) { $0 + $1.count } }

    /// What is not as it was: state, nothing waiting, and honest peers who go on talking.
    package func disturbance() throws -> String? {
        let hashes = (0..<3).map { mesh.stateHash($0, server) }
        guard hashes.allSatisfy({ $0 == hash && $0 != nil }) else { return "another state" }
        guard mesh.core(0).servers[server]?.replica.pending.count == 0 else { return "waiting" }
        texts += 1
        for node in 0..<3 {
            _ = try mesh.post(node, server, channel, "\(texts) of \(node)")
            run(for: .seconds(2))
        }
        let pages = try (0..<3).map { try mesh.texts($0, server, channel) }
        for (node, page) in pages.enumerated() where page.count != 3 * texts {
            return "node \(node) shows \(page.count) texts of \(3 * texts)"
        }
        hash = mesh.stateHash(0, server)
        return nil
    }
}
