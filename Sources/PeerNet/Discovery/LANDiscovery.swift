package import PeerState

/// Finds nodes of the same network in the same local network, and is found by them.
///
/// A beacon only says where somebody listens; the handshake tells who.
/// - Bounds: `Limits.beaconDials` a minute, `Limits.beaconInstances` remembered. Source:
///   PROTOCOL 8.3.
package struct LANDiscovery: Sendable {
    package enum Input: Sendable {
        case timer
        /// A packet, and the host it came from as an address shows it (IPv6 in brackets).
        case packet([UInt8], host: String)
    }

    package enum Effect: Hashable, Sendable {
        /// Send to the group, TTL 1.
        case multicast([UInt8])
        case dial(address: String)
    }

    private let network: String
    private let port: UInt16
    private let instance: UInt64
    private var random: SeededRandom
    private var sendAt = Instant.zero
    /// Instances that were dialled, the oldest first.
    private var known: [UInt64] = []
    private var dials = RateWindow(limit: Limits.beaconDials, period: .seconds(60))
    /// Packets that do not read or are of another network.
    package private(set) var ignored: UInt64 = 0

    package init(network: String, port: UInt16, random: SeededRandom) {
        self.network = network
        self.port = port
        var random = random
        instance = random.next()
        self.random = random
    }

    /// When `.timer` must come; at once after the start.
    package var nextDeadline: Instant { sendAt }

    package mutating func handle(_ input: Input, now: Moment) -> [Effect] {
        switch input {
        case .timer:
            guard sendAt <= now.monotonic else { return [] }
            let period = Limits.beaconPeriod.count
            sendAt = now.monotonic + Milliseconds(period / 2 + random.next() % (period + 1))
            let tag = LANBeacon.tag(network: network, wallMilliseconds: now.wallMilliseconds)
            return [.multicast(LANBeacon(tag: tag, port: port, instance: instance).bytes)]
        case .packet(let bytes, let host): return packet(bytes, host, now)
        }
    }

    private mutating func packet(
        _ bytes: [UInt8], _ host: String, _ now: Moment
    ) -> [Effect] {
        let beacon: LANBeacon
        do throws(Failure<WireCode>) {
            beacon = try LANBeacon(decoding: bytes)
        } catch {
            ignored += 1
            return []
        }
        guard isOurs(beacon.tag, now.wallMilliseconds) else {
            ignored += 1
            return []
        }
        guard beacon.instance != instance, !known.contains(beacon.instance),
            dials.take(now.monotonic)
        else { return [] }
        if known.count >= Limits.beaconInstances { known.removeFirst() }
        known.append(beacon.instance)
        return [.dial(address: "\(host):\(beacon.port)")]
    }

    /// Clocks differ, so the hours beside ours count as well.
    private func isOurs(_ tag: UInt64, _ wall: UInt64) -> Bool {
        let hour: UInt64 = 3_600_000
        let times = [wall, wall &+ hour, wall >= hour ? wall - hour : wall]
        return times.contains { LANBeacon.tag(network: network, wallMilliseconds: $0) == tag }
    }
}
