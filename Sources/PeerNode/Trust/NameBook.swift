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
    /// Notes the name that a peer bears now.
    mutating func noteName(of peer: Peer.ID) {
        guard let name = state.displayName(of: peer) else { return }
        names.note(name, of: peer)
    }
}
