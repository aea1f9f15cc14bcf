package import PeerState

/// The state of a server worked out from nothing, by the plainest reading of PROTOCOL.
///
/// Slow on purpose: every state of every past is folded whole. It shares no rule with the product.
package struct OracleState {
    /// What the set says of one event.
    package enum Verdict: Hashable, Sendable {
        case dropped(String)
        /// Something it points at is missing or was dropped.
        case waiting
        case loose
        case inadmissible(String)
        case void(String)
        case effective
    }

    package struct Section: Hashable, Sendable {
        package let number: UInt64
        package let count: UInt64
        /// 32 bytes, little endian.
        package let sum: [UInt8]
    }

    package let verdicts: [Event.ID: Verdict]
    /// Encoded rows of sections 1 … 15, each sorted by its bytes.
    package let rows: [[[UInt8]]]
    package let sections: [Section]
    package let encoding: [UInt8]
    /// Events that no ordinary removal may void: somebody could have shown them as stable.
    package let marks: Set<Event.ID>
    /// Those in force that this set shows as stable.
    package let stable: Set<Event.ID>
    package let hash: Digest.Value
    package let frontierDigest: Digest.Value

    /// - Parameters:
    ///   - envelopes: the whole set, in any order.
    ///   - proofs: forks that are known beside it.
    /// - Errors: `badField` for a payload that is no event.
    package init(
        _ envelopes: [Envelope], server: Server.ID, limits: OracleLimits = OracleLimits(),
        proofs: [ForkPoint] = []
    ) throws(Failure<WireCode>) {
        var events: [OracleEvent] = []
        for envelope in envelopes { events.append(try OracleEvent(envelope)) }
        let world = OracleWorld(server: Event.ID(server), limits: limits, proofs: proofs)
        var verdicts = world.takeAll(events)
        let kept = world.keptSet()
        let view = OracleView.fold(
            world, set: kept, known: world.everything, proven: world.provenForks)
        for (number, event) in world.events.enumerated() {
            verdicts[event.id] =
                if !kept.contains(number) {
                    .loose
                } else if let code = world.refusal[number] {
                    .inadmissible(code)
                } else if let code = view.void[number] {
                    .void(code)
                } else {
                    .effective
                }
        }
        self.verdicts = verdicts
        marks = view.marks()
        stable = Set(view.stable().map { world.events[$0].id })
        let sections = view.rows()
        rows = sections.map { rows in
            rows.map(\.encoded).sorted { $0.lexicographicallyPrecedes($1) }
        }
        self.sections = rows.enumerated().map { Self.section(UInt64($0 + 1), $1) }
        let list = self.sections.map {
            CBORValue.array([.unsigned($0.number), .unsigned($0.count), .bytes($0.sum)])
        }
        encoding = CBORValue.array([.unsigned(1), .named(server), .array(list)]).encoded
        hash = Sodium.hash("peer-agent/state/1", encoding)
        frontierDigest = world.frontierDigest(kept)
    }

    private static func section(_ number: UInt64, _ rows: [[UInt8]]) -> Section {
        var sum = [UInt8](repeating: 0, count: 32)
        for row in rows {
            var carry = 0
            for (place, byte) in Sodium.hash("peer-agent/row/1", row).bytes.enumerated() {
                carry += Int(sum[place]) + Int(byte)
                sum[place] = UInt8(carry & 255)
                carry >>= 8
            }
        }
        return Section(number: number, count: UInt64(rows.count), sum: sum)
    }
}
