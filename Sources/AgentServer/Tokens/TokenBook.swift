package import PeerState

/// Every token of a node, and the way to tell whose a shown one is.
///
/// Lookup costs one hash and one comparison of 32 bytes, whether the token exists or not.
/// - Source: MCP 9.2. - Bound: `Limits.tokensMax` that are neither revoked nor expired.
package struct TokenBook: Sendable {
    package enum Verdict: Hashable, Sendable {
        case accepted(TokenRow)
        case invalid
        case expired
    }

    package private(set) var rows: [TokenRow] = []
    private var places: [[UInt8]: Int] = [:]
    private let key: SecretBytes
    private static let dummy = [UInt8](repeating: 0, count: 32)
    private static let keyBytes = 8

    /// - Parameter root: the content of `local-keys`, from which the token key is derived.
    package init(root: SecretBytes, rows: [TokenRow] = []) {
        var copy = root.copy()
        var derived = Sodium.hash(key: copy, "peer-agent token key").bytes
        Sodium.wipe(&copy)
        key = SecretBytes(derived)
        Sodium.wipe(&derived)
        for row in rows { put(row) }
    }

    package func hash(_ token: String) -> [UInt8] {
        var copy = key.copy()
        defer { Sodium.wipe(&copy) }
        return Sodium.blake2b(Array(token.utf8), key: copy).bytes
    }

    /// - Parameter now: milliseconds since 1970.
    package func verdict(_ token: String, now: UInt64) -> Verdict {
        let hash = hash(token)
        let place = places[Array(hash.prefix(Self.keyBytes))]
        let known = place.map { rows[$0].hash } ?? Self.dummy
        let isEqual = Self.areEqual(hash, known)
        guard let place, isEqual, rows[place].revokedAt == nil else { return .invalid }
        return rows[place].isLive(at: now) ? .accepted(rows[place]) : .expired
    }

    /// Takes the same time wherever the bytes differ.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference = UInt8(left.count == right.count ? 0 : 1)
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }

    package func row(_ id: String) -> TokenRow? { rows.first { $0.id == id } }

    package func liveCount(at now: UInt64) -> Int { rows.count { $0.isLive(at: now) } }

    /// Adds a row, or replaces the one with its id.
    package mutating func put(_ row: TokenRow) {
        if let place = rows.firstIndex(where: { $0.id == row.id }) {
            places[Array(rows[place].hash.prefix(Self.keyBytes))] = nil
            rows[place] = row
            places[Array(row.hash.prefix(Self.keyBytes))] = place
        } else {
            places[Array(row.hash.prefix(Self.keyBytes))] = rows.count
            rows.append(row)
        }
    }
}
