import PeerNet
package import PeerState

/// Files that this node keeps for others without opening them, as `ChunkKeeper` decides.
extension NodeCore {
    mutating func keep(_ input: ChunkKeeper.Input) {
        // Taken out, so that it may ask about servers while it changes.
        guard var keeper else { return }
        self.keeper = nil
        let effects = keeper.handle(input, self, now: now)
        self.keeper = keeper
        for effect in effects {
            switch effect {
            case .search(let search): out.append(.files(.search(search)))
            case .fetch(let request): blobHandle(.fetch(request))
            case .wake(let at): wakes.add(at)
            }
        }
    }

    /// Events were stored: some may name chunks, or say for whom this node keeps them.
    mutating func keepNamed(_ entries: [Inflight.Entry]) {
        guard keeper != nil,
            entries.contains(where: { entry in
                EventKinds.isAuthority(entry.event.kind)
                    || (entry.event.body as? MessagePosted)?.blobs.isEmpty == false
            })
        else { return }
        keep(.named)
    }

    mutating func keepFrom(_ peer: Peer.ID) {
        guard keeper != nil else { return }
        for server in servers.keys.sorted()
        where servers[server]?.state.activeMembers.contains(peer) == true {
            keep(.linked(server))
        }
    }
}

extension NodeCore: ChunkKeeper.View {
    package var keptServers: [Server.ID] {
        servers.keys.sorted().filter { id in
            guard let state = servers[id]?.state else { return false }
            return state.permissions(of: me, at: state.now).contains(.syncProvider)
                && !linkedMembers(of: id).isEmpty
        }
    }

    package func stands(_ message: Event.ID, in server: Server.ID) -> Bool {
        servers[server]?.state.message(message).map { $0.status != .deleted } ?? false
    }
}
