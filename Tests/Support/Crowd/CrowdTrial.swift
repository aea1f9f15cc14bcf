package import PeerNet
import PeerState

/// What it costs to bring one speaker's events to everybody in a large server, once views and tree
/// have settled.
///
/// The bars are those of S-220: nobody lacks an event, at most 1.2 payloads for each node and
/// event, at most 15 hops.
package struct CrowdTrial: CustomStringConvertible {
    package static let payloadsMost = 1.2
    package static let hopsMost: UInt64 = 15

    /// As it is at the end.
    package let crowd: Crowd
    private let dials: Int

    /// Runs one crowd for about four minutes of its time.
    package init(_ seed: Seed, _ members: Int) {
        var crowd = Crowd.settled(seed, members)
        let dials = crowd.figures.dials
        crowd.reset()
        for _ in 0..<20 {
            crowd.publish(0)
            crowd.run(for: 200)
        }
        crowd.run(for: 5_000)
        self.crowd = crowd
        self.dials = dials
    }

    /// For each node and event.
    package var payloads: Double {
        let receivers = crowd.figures.published * (crowd.nodes.count(where: \.isAlive) - 1)
        return Double(crowd.figures.payloads) / Double(max(1, receivers))
    }

    package var isFine: Bool {
        crowd.missed == 0 && payloads <= Self.payloadsMost
            && crowd.figures.hopsMax <= Self.hopsMost
    }

    package var description: String {
        let islands = crowd.islands
        return "crowd, seed \(crowd.seed): \(crowd.nodes.count) nodes, missed \(crowd.missed),"
            + " \(payloads) payloads for each node and event, last hop \(crowd.figures.hopsMax),"
            + " \(dials) dials before\(islands.count == 1 ? "" : ", in parts of \(islands)")"
    }
}

extension Crowd {
    /// A crowd that arrived within seconds and whose tree for one speaker has settled.
    package static func settled(_ seed: Seed, _ members: Int) -> Crowd {
        var crowd = Crowd(seed, members)
        crowd.run(for: Milliseconds(UInt64(members) * 5 + 130_000))
        for _ in 0..<8 {
            crowd.publish(0)
            crowd.run(for: 3_000)
        }
        crowd.run(for: 30_000)
        return crowd
    }
}
