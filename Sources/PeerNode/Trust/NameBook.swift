import PeerState

/// Who ever bore a name that looks like a given one, in one server.
///
/// - Bound: one entry per name a peer ever took, which the log holds too.
struct NameBook: Sendable {
    private var bearers: [NameSkeleton: Set<Peer.ID>] = [:]

    mutating func note(_ name: String, of peer: Peer.ID) {
        bearers[NameSkeleton(name), default: []].insert(peer)
    }

    func bearers(of skeleton: NameSkeleton) -> Set<Peer.ID> { bearers[skeleton] ?? [] }
}

extension HostedServer {
    /// Notes the names that events bring.
    mutating func noteNames(in stored: [Replica.Stored]) {
        for item in stored where item.void == nil && item.event.body is ProfileUpdated {
            guard let name = state.displayName(of: item.event.author) else { continue }
            names.note(name, of: item.event.author)
        }
    }
}
