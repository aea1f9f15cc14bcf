import PeerNet
import PeerState

/// What a node that may have lost own events learns from its peers (PROTOCOL 5.8, F6).
extension NodeCore {
    /// Whether own events of a server it belongs to may be missing, so that nothing is written
    /// there.
    ///
    /// Where this node is no member any more nobody hands anything back, and nothing is awaited.
    package var isRecovering: Bool {
        servers.contains { !$0.value.isLeft && recovery.blocks($0.key) }
    }

    /// Notes that the own chain of `server` was compared with that of one more peer.
    mutating func noteRecovery(_ server: Server.ID, with peer: Peer.ID, on link: LinkID) {
        guard let slot = servers[server] else { return }
        let wasBlocked = recovery.blocks(server)
        recovery.caughtUp(server, with: peer, knownPeers: slot.state.members(at: slot.state.now))
        if wasBlocked, !recovery.isActive, !recovery.blocks(server) {
            current.batch.settings.append(Setting(name: Self.leftSetting(server), value: nil))
        }
        guard settleRecovery() else { return }
        log.log(.info, "recovered: own events were fetched from peers")
        // What heads did not show of the own chain shows here.
        for id in servers.keys.sorted() { syncHandle(.reconcile(id, .author(me), link)) }
    }

    /// Ends recovery when no server that this node belongs to waits for peers.
    @discardableResult
    mutating func settleRecovery() -> Bool {
        guard recovery.isActive else { return false }
        let former = servers.filter { $0.value.isLeft }.keys.sorted()
        let blocked = former.filter { recovery.blocks($0) }
        let others = servers.filter { !$0.value.isLeft }.keys
        guard recovery.settle(others, former: former) else { return false }
        for server in blocked {
            current.batch.settings.append(Setting(name: Self.leftSetting(server), value: [1]))
        }
        out.append(.recovered)
        return true
    }

    /// Takes an offer of a server in which this node has written: it had joined, and is back at a
    /// copy from before that. What it wrote elsewhere is fetched first (F6).
    ///
    /// - Parameter envelopes: what a stranger handed back of the own chain.
    mutating func rejoin(_ server: Server.ID, returned envelopes: [[UInt8]]) {
        guard !pause.isOn, recovery.mayLack(server), offers[server] != nil,
            let first = envelopes.first
        else { return }
        do {
            let event = try Replica.examine(try Envelope(decoding: first), for: server)
            guard event.author == me else { return }
            log.log(.info, "server \(server.short): joined before this copy; fetched again")
            recovery.keepBlocking(server)
            current.batch.settings.append(Setting(name: Self.leftSetting(server), value: [1]))
            try acceptInvite(Self.noReply, server.hex)
        } catch {
            log.log(.warning, "server \(server.short): cannot be joined again: \(error)")
        }
    }

    /// Where it is kept that own events may be missing in a server that this node is not in.
    static func leftSetting(_ server: Server.ID) -> String { "unrecovered/\(server.hex)" }

    mutating func restoreBlock(_ server: Substring) {
        if let server = Server.ID(hex: server) { recovery.keepBlocking(server) }
    }
}

extension HostedServer {
    /// Whether this node once was in it and is not now.
    var isLeft: Bool { hasHistory && !isMember }
}
