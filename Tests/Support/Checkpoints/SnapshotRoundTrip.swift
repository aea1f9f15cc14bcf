package import PeerState

/// Keeps a replica's parts as a store would, and makes states of them again.
package struct SnapshotRoundTrip {
    package private(set) var parts: [StatePart: [UInt8]] = [:]
    package private(set) var written = SnapshotMark.none
    private var checkpoint: Checkpoint?
    private let envelopes: [Event.ID: Envelope]

    package init(_ envelopes: [Envelope]) {
        self.envelopes = Dictionary(envelopes.map { ($0.id, $0) }) { first, _ in first }
    }

    /// Writes the parts that changed since the last call.
    package mutating func write(_ replica: inout Replica) {
        let snapshot = replica.snapshot(since: written)
        for part in snapshot.changedParts { parts[part] = snapshot.bytes(of: part) }
        checkpoint = snapshot.checkpoint(atMilliseconds: 1)
        written = snapshot.mark
    }

    /// What whoever writes all parts would have written.
    package func differsFromWhole(_ replica: Replica) -> [StatePart] {
        var copy = replica
        let whole = copy.snapshot(since: .none)
        return whole.parts.filter { parts[$0] != whole.bytes(of: $0) }
    }

    /// Makes a replica of the parts, with the node's `viewer`.
    package func read(viewer: Peer.ID? = nil) throws -> Replica {
        guard let checkpoint else { throw StoreFailure(.corrupt, "nothing was written") }
        var reader = StateReader(checkpoint, viewer: viewer)
        for part in parts.keys.sorted() { try reader.take(part, parts[part] ?? []) }
        let made = try reader.finish { id in
            guard let envelope = envelopes[id] else { return nil }
            return (try Event(decoding: envelope, for: checkpoint.server), envelope)
        }
        return Replica(state: made.state)
    }

    /// Puts other bytes in the place of a part, or takes it away.
    package mutating func damage(_ part: StatePart, _ bytes: [UInt8]?) { parts[part] = bytes }

    /// What two replicas that should be equal say differently.
    package static func differences(_ left: Replica, _ right: Replica) -> [String] {
        var problems: [String] = []
        func compare<Value: Equatable>(_ name: String, _ value: (ServerState) -> Value) {
            if value(left.state) != value(right.state) { problems.append(name) }
        }
        compare("state hash") { StateHash.hash(of: $0) }
        compare("frontier digest") { FrontierDigest.of($0) }
        compare("rows") {
            Set(StateRows.few(of: $0).map(\.row) + StateRows.many(of: $0).map(\.row))
        }
        compare("events") { $0.graph.eventIDs }
        compare("tips") { $0.graph.tipIDs }
        compare("loose events") { $0.looseIDs }
        compare("messages") { $0.messageIDs }
        compare("count of messages") { $0.messageCount }
        compare("members") { $0.members(at: $0.now) }
        for id in left.state.graph.eventIDs {
            if left.state.verdict(on: id) != right.state.verdict(on: id) {
                problems.append("verdict on \(id)")
            }
        }
        return problems
    }
}
