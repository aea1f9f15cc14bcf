import PeerNode
package import PeerState

extension ToolCall {
    /// Peers by id, prefix or `@name`, looked for among the members of every server.
    ///
    /// - Errors: `unknown_peer`, `ambiguous_id`.
    package func peers(_ texts: [String]) async throws -> Set<Peer.ID> {
        let names = try await peerNames()
        return Set(try texts.map { try peer($0, names) })
    }

    /// The arguments with beginnings of peer ids made whole; anything else is left for the tool.
    ///
    /// - Parameter fields: those that name peers, alone or in an array.
    /// - Errors: `unknown_peer`, `ambiguous_id`.
    func withWholePeerIDs(
        _ arguments: JSONObject, _ fields: [String]
    ) async throws -> JSONObject {
        var arguments = arguments
        var names: [Peer.ID: Set<String>]?
        for field in fields {
            guard let given = arguments[field] else { continue }
            var items = given.array ?? [given]
            for (place, item) in items.enumerated() {
                guard let text = item.string, HexPrefix.digits(text) != nil,
                    Peer.ID(hex: text) == nil
                else { continue }
                let known = if let names { names } else { try await peerNames() }
                names = known
                items[place] = .string(try peer(text, known).hex)
            }
            arguments[field] = given.array == nil ? items[0] : .array(items)
        }
        return arguments
    }

    private func peerNames() async throws -> [Peer.ID: Set<String>] {
        var names: [Peer.ID: Set<String>] = [:]
        for server in await port.servers() {
            for member in try await port.members(in: server.id) {
                names[member.id, default: []].insert(member.displayName)
            }
        }
        return names
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
                .unknownPeer,
                "No peer \(Sanitiser.name(text)) here; \(Self.choices(names, besides: text)).")
        }
        guard matches.count == 1 else {
            throw ToolRefusal(
                .ambiguousID, "Several peers are called that; give the peer id.",
                facts: ["candidates": JSON(matches.sorted().map(\.hex))])
        }
        return match
    }

    /// Names that there are: those that differ in capitals alone, or else some of all.
    private static func choices(
        _ names: [Peer.ID: Set<String>], besides text: String
    ) -> String {
        let all = Set(names.values.joined()).sorted()
        let wanted = text.dropFirst(text.hasPrefix("@") ? 1 : 0).lowercased()
        let alike = all.filter { $0.lowercased() == wanted }
        let offered = alike.isEmpty ? all : alike
        var shown = offered.prefix(Limits.peersNamed).map { "@" + Sanitiser.name($0) }
        guard !shown.isEmpty else { return "give a peer id or @name" }
        if offered.count > shown.count { shown.append("\(offered.count - shown.count) more") }
        return "give a peer id or @name; there are: \(shown.joined(separator: ", "))"
    }
}

extension Limits {
    /// Names of peers that a refusal offers.
    static let peersNamed = 8
}
