package import PeerState

/// Servers that many scenarios begin with.
extension RightsServer {
    /// Owner O and the given people, granted in that order by O.
    package static func with(_ people: KeyValuePairs<String, Level>) throws -> RightsServer {
        var server = try RightsServer(owner: "O")
        for (name, level) in people { try server.write("O", .grant(name, level)) }
        return server
    }

    /// Two parts that learned of each other's events, in opposite orders.
    package mutating func meet(_ other: inout RightsServer) {
        let mine = self
        merge(other)
        other.merge(mine)
    }

    /// Status, yes and no of a proposal as the state rows say.
    package func vote(_ proposal: Event.ID) throws -> [UInt64]? {
        for (section, row) in StateRows.few(of: state) where section == 5 {
            let items = try CBORValue(decoding: row).items ?? []
            if items[1] == .named(proposal) { return items[2...4].compactMap(\.number) }
        }
        return nil
    }

}
