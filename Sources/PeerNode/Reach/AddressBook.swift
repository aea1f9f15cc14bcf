import PeerNet
package import PeerState

/// Where peers may be reached: what was met, and what others say, best first.
///
/// - Bounds: `Limits.addressBook` addresses, `maxAddresses` for each peer, a quarter of the book
///   from one source, so that nobody can fill it alone. Source: PROTOCOL 8.3, Peer exchange.
package struct AddressBook: Sendable {
    private var rows: [Peer.ID: [AddressRow]] = [:]
    private var bySource: [Peer.ID: Int] = [:]
    private var changes: [AddressChange] = []
    package private(set) var count = 0
    /// Addresses that had no place.
    package private(set) var refused: UInt64 = 0

    package init() {}

    /// Takes over what is stored.
    package mutating func restore(_ stored: [AddressRow]) {
        for row in stored where count < Limits.addressBook { add(row) }
    }

    /// Addresses of a peer, those that worked last first.
    package func addresses(of peer: Peer.ID) -> [String] {
        (rows[peer] ?? []).sorted(by: Self.isBetter).map(\.address)
    }

    package func knows(_ address: String, of peer: Peer.ID) -> Bool {
        rows[peer]?.contains { $0.address == address } ?? false
    }

    package var peers: [Peer.ID] { rows.keys.sorted() }

    /// A link with that peer came up there.
    package mutating func met(_ address: String, _ peer: Peer.ID, _ wall: UInt64) {
        let row = AddressRow(peer: peer, address: address, metMilliseconds: wall)
        remove(address, peer)
        guard makeRoom(for: row) else { return }
        add(row)
        changes.append(.keep(row))
    }

    /// Somebody says that a peer is there; what is known better is left as it is.
    ///
    /// - Returns: whether it is new.
    @discardableResult
    package mutating func learn(_ address: String, _ peer: Peer.ID, from source: Peer.ID) -> Bool {
        guard !knows(address, of: peer) else { return false }
        let row = AddressRow(peer: peer, address: address, source: source)
        guard bySource[source] ?? 0 < Limits.addressBook / 4, makeRoom(for: row) else {
            refused += 1
            return false
        }
        add(row)
        changes.append(.keep(row))
        return true
    }

    package mutating func failed(_ address: String, _ peer: Peer.ID) {
        guard let index = rows[peer]?.firstIndex(where: { $0.address == address }),
            var row = rows[peer]?[index]
        else { return }
        row.failures += 1
        if row.metMilliseconds == 0 && row.failures >= Limits.addressTries {
            remove(address, peer)
            changes.append(.forget(peer, address))
            return
        }
        rows[peer]?[index] = row
        // Stored at powers of two: an address that never answers must not write for ever.
        if row.failures & (row.failures - 1) == 0 { changes.append(.keep(row)) }
    }

    /// What is to be stored since the last call.
    package mutating func takeChanges() -> [AddressChange] {
        defer { changes = [] }
        return changes
    }

    private static func isBetter(_ left: AddressRow, _ right: AddressRow) -> Bool {
        let (first, second) = (rank(left), rank(right))
        return first == second ? left.address < right.address : first > second
    }

    /// Met lately beats met long ago beats hearsay; every failure costs an hour.
    private static func rank(_ row: AddressRow) -> Int64 {
        Int64(clamping: row.metMilliseconds) - Int64(clamping: row.failures) * 3_600_000
    }

    private mutating func makeRoom(for row: AddressRow) -> Bool {
        let own = rows[row.peer] ?? []
        if own.count >= Limits.maxAddresses {
            guard let worst = own.min(by: { Self.rank($0) < Self.rank($1) }),
                Self.rank(worst) <= Self.rank(row)
            else { return false }
            forget(worst)
        }
        guard count >= Limits.addressBook else { return true }
        let worst = rows.values.joined().min {
            (Self.rank($0), $0.peer, $0.address) < (Self.rank($1), $1.peer, $1.address)
        }
        guard let worst, Self.rank(worst) < Self.rank(row) else { return false }
        forget(worst)
        return true
    }

    private mutating func forget(_ row: AddressRow) {
        remove(row.address, row.peer)
        changes.append(.forget(row.peer, row.address))
    }

    private mutating func add(_ row: AddressRow) {
        rows[row.peer, default: []].append(row)
        count += 1
        if let source = row.source { bySource[source, default: 0] += 1 }
    }

    private mutating func remove(_ address: String, _ peer: Peer.ID) {
        guard let index = rows[peer]?.firstIndex(where: { $0.address == address }),
            let row = rows[peer]?.remove(at: index)
        else { return }
        if rows[peer]?.isEmpty == true { rows[peer] = nil }
        count -= 1
        guard let source = row.source, let left = bySource[source] else { return }
        bySource[source] = left > 1 ? left - 1 : nil
    }
}
