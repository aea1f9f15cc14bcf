import PeerNet
package import PeerState

/// Small things the node keeps for its callers: waiters, current places, random bytes.
extension NodeCore {
    /// - Errors: `tooManyWaiters`.
    package mutating func addWaiter(_ filter: WaitFilter) throws(NodeFailure) -> WaiterID {
        try waiters.add(filter)
    }

    package mutating func removeWaiter(_ id: WaiterID) { waiters.remove(id) }

    package mutating func drawEntropy(_ count: Int) -> [UInt8] { entropy.bytes(count) }

    /// The server and channel a principal works in; the only server there is when none was chosen.
    package func currentPlace(
        of principal: String
    ) -> (server: Server.ID?, channel: Channel.ID?) {
        if let place = places[principal], let server = place.server, servers[server] != nil {
            return (server, place.channel)
        }
        return (usualServer, nil)
    }

    /// What is current for who has chosen nothing: what the owner named, what was chosen last, or
    /// the only one (MCP 16.2, `--server`).
    private var usualServer: Server.ID? {
        let founded = servers.keys.sorted().filter { servers[$0]?.isMember == true }
        if let prefix = configuration.currentServer {
            let named = founded.filter { $0.hex.hasPrefix(prefix) }
            if named.count == 1 { return named.first }
        }
        if let lastServer, founded.contains(lastServer) || isPutOut(of: lastServer) {
            return lastServer
        }
        guard founded.count == 1, !servers.keys.contains(where: isPutOut) else { return nil }
        return founded.first
    }

    /// Whether others ended or paused this node's membership.
    ///
    /// What was meant for that server is refused, and not heard in a channel of the same name by
    /// other people.
    private func isPutOut(of server: Server.ID) -> Bool {
        guard let slot = servers[server] else { return false }
        if slot.exclusion != nil { return true }
        let status = slot.state.memberStatus(of: me)
        return status == .removed || status == .suspended
    }

    package mutating func setCurrentPlace(
        of principal: String, server: Server.ID?, channel: Channel.ID?
    ) {
        places[principal] = Place(server: server, channel: channel)
        if let server, server != lastServer {
            lastServer = server
            current.batch.settings.append(Setting(name: "last-server", value: server.bytes))
        }
        var value: [UInt8] = []
        if let server { value += server.bytes }
        if let channel { value += channel.bytes }
        current.batch.settings.append(Setting(name: "place/\(principal)", value: value))
        change(.servers)
    }

    mutating func restorePlace(_ principal: String, _ value: [UInt8]) {
        places[principal] = Place(
            server: Server.ID(value.prefix(32)), channel: Channel.ID(value.dropFirst(32)))
    }

    /// Keeps the name given at start where none was kept before.
    package mutating func keepName() {
        current.batch.settings.append(Setting(name: "name", value: Array(displayName.utf8)))
    }

    /// Keeps the port others know this node by.
    package mutating func keepPort(_ port: UInt16) {
        current.batch.settings.append(Setting(name: "port", value: Array("\(port)".utf8)))
    }

    /// Puts this life's name into the store with the next batch.
    package mutating func keepIncarnation() {
        current.batch.settings.append(Setting(name: "incarnation", value: incarnation))
    }
}

/// Where a principal works.
struct Place: Sendable {
    let server: Server.ID?
    let channel: Channel.ID?
}
