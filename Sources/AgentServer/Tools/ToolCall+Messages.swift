package import PeerNode
package import PeerState

extension ToolCall {
    /// - Errors: `unknown_message`, `ambiguous_id`.
    package func message(_ address: MessageAddress) async throws -> MessageSnapshot {
        if let id = Event.ID(hex: address.digits) { return try await port.message(id) }
        let ids = await port.messageIDs(startingWith: address.digits)
        guard let id = ids.first else {
            throw ToolRefusal(.unknownMessage, "No message here has that id.")
        }
        guard ids.count == 1 else {
            throw ToolRefusal(
                .ambiguousID, "Several messages begin like that; give more digits.",
                facts: ["candidates": JSON(ids.map(\.hex))])
        }
        return try await port.message(id)
    }

    /// Peers by id, prefix or `@name`, looked for among the members of every server.
    ///
    /// - Errors: `unknown_peer`, `ambiguous_id`.
    package func peers(_ texts: [String]) async throws -> Set<Peer.ID> {
        var names: [Peer.ID: Set<String>] = [:]
        for server in await port.servers() {
            for member in try await port.members(in: server.id) {
                names[member.id, default: []].insert(member.displayName)
            }
        }
        var result: Set<Peer.ID> = []
        for text in texts { result.insert(try peer(text, names)) }
        return result
    }

    private func peer(_ text: String, _ names: [Peer.ID: Set<String>]) throws -> Peer.ID {
        if let id = Peer.ID(hex: text) { return id }
        let matches: [Peer.ID]
        if text.hasPrefix("@") {
            let name = String(text.dropFirst())
            matches = names.filter { $0.value.contains(name) }.map(\.key)
        } else if let digits = HexPrefix.digits(text) {
            matches = names.keys.filter { $0.hex.hasPrefix(digits) }
        } else {
            matches = []
        }
        guard let match = matches.first else {
            throw ToolRefusal(
                .unknownPeer, "No peer \(Sanitiser.name(text)) here; give a peer id or @name.")
        }
        guard matches.count == 1 else {
            throw ToolRefusal(
                .ambiguousID, "Several peers are called that; give the peer id.",
                facts: ["candidates": JSON(matches.sorted().map(\.hex))])
        }
        return match
    }
}
