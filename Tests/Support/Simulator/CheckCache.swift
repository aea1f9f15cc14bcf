import PeerNode
import PeerState

/// What the checks of envelopes found: a pure function of the bytes, so all nodes of a run share
/// the answers, and an event that ten nodes receive costs one check (HOSTILE 1.1).
final class CheckCache: Sendable {
    /// Equal for equal bytes alone: one event may come under several signatures.
    private struct Key: Hashable {
        let server: Server.ID
        let envelope: [UInt8]
        let id: Event.ID

        func hash(into hasher: inout Hasher) { hasher.combine(id) }
    }

    private let results = Locked<[Key: Result<Event, Failure<WireCode>>]>([:])

    func examine(_ envelope: Envelope, for server: Server.ID) -> Result<Event, Failure<WireCode>> {
        let key = Key(server: server, envelope: envelope.bytes, id: envelope.id)
        if let known = results.withLock({ $0[key] }) { return known }
        let result = NodeCore.examine(envelope, for: server)
        results.withLock { $0[key] = result }
        return result
    }
}
