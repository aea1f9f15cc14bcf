package import PeerNode
package import PeerState

/// Folding again, and what nodes notice.
extension Mesh {
    func refold(_ node: Int, _ server: Server.ID) {
        do {
            let loaded = try NodeStorage.refolded(
                server, me: peerID(node), log: .silent, members[node].store)
            feed(node, .refolded(loaded))
        } catch {
            preconditionFailure("folding again for node \(node): \(error)")
        }
    }

    #if DEBUG
        /// Changes a folded row of a node and none of its events.
        package func flipRow(_ node: Int, _ server: Server.ID) {
            members[node].core.flipRow(of: server)
        }
    #endif

    /// What passed without a number since the last look.
    package func takeNotices(_ node: Int) -> [NodeEvent] {
        defer { notices[node] = nil }
        return notices[node] ?? []
    }

    /// Everything in a node's feed, as an agent would be told of it.
    package func feed(_ node: Int) throws -> [NodeEvent] {
        let found = try NodeStorage.feed(
            after: 0, through: core(node).visibleFeed, limit: 100_000, members[node].store)
        return found.items.compactMap { members[node].core.describe($0) }
    }
}

extension Simulator {
    func refold(_ node: SimNode, _ server: Server.ID) {
        do {
            let loaded = try NodeStorage.refolded(
                server, me: node.key.publicKey, log: .silent, node.store)
            feed(node, .refolded(loaded))
        } catch {
            // As `Node.refold`: a disk that fails leaves the state as it is.
            if lostPower(node) { return }
            guard node.disk != nil else { return cannotRead(node, error) }
            noteStruck(node)
        }
    }
}

extension Mesh {
    /// Asks every linked member of a node for its state.
    package func askStates(_ node: Int, _ server: Server.ID) throws {
        try members[node].core.askStates(of: server)
        feed(node, .touch)
    }
}
