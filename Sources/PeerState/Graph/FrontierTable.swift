/// Names a set of setup events: per author, how far along the chain they reach.
package struct Past: Hashable, Sendable {
    fileprivate let index: Int32
    /// The past of the create event.
    package static let empty = Past(index: 0)
}

/// Which setup events (authority, channels, prekeys, epochs) lie in an event's past.
///
/// Each distinct frontier is stored once and named by a small number, because content events
/// share the frontier of the setup events before them: asking about an event's past is then a
/// lookup, never a walk (PROTOCOL 5.10).
/// - Bounds: one entry per distinct frontier; joins are memoised, 4,096 at a time.
package struct FrontierTable: Sendable {
    private struct Entry: Hashable { let author: Peer.ID; let seq: UInt64 }

    private static let memoMax = 4_096
    /// Entries sorted by author.
    private var frontiers: [[Entry]] = [[]]
    private var numbers: [[Entry]: Int32] = [[]: 0]
    private var joins: [UInt64: Int32] = [:]

    package init() {}

    /// Whether the setup event number `seq` of `author` lies in `past`.
    package func contains(_ author: Peer.ID, _ seq: UInt64, in past: Past) -> Bool {
        let entries = frontiers[Int(past.index)]
        let place = Self.place(of: author, in: entries)
        return place < entries.count && entries[place].author == author
            && entries[place].seq >= seq
    }

    package mutating func join(_ left: Past, _ right: Past) -> Past {
        if left == right || right == .empty { return left }
        if left == .empty { return right }
        let key =
            UInt64(UInt32(bitPattern: min(left.index, right.index))) << 32
            | UInt64(UInt32(bitPattern: max(left.index, right.index)))
        if let known = joins[key] { return Past(index: known) }
        let merged = Self.merge(frontiers[Int(left.index)], frontiers[Int(right.index)])
        let result = intern(merged)
        if joins.count >= Self.memoMax { joins.removeAll(keepingCapacity: true) }
        joins[key] = result.index
        return result
    }

    /// `past` with the setup event number `seq` of `author` added.
    package mutating func adding(_ author: Peer.ID, _ seq: UInt64, to past: Past) -> Past {
        intern(Self.merge(frontiers[Int(past.index)], [Entry(author: author, seq: seq)]))
    }

    private mutating func intern(_ entries: [Entry]) -> Past {
        if let known = numbers[entries] { return Past(index: known) }
        let index = Int32(frontiers.count)
        frontiers.append(entries)
        numbers[entries] = index
        return Past(index: index)
    }

    private static func place(of author: Peer.ID, in entries: [Entry]) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].author < author { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func merge(_ left: [Entry], _ right: [Entry]) -> [Entry] {
        var result: [Entry] = []
        result.reserveCapacity(left.count + right.count)
        var (i, j) = (0, 0)
        while i < left.count && j < right.count {
            if left[i].author == right[j].author {
                result.append(left[i].seq >= right[j].seq ? left[i] : right[j])
                (i, j) = (i + 1, j + 1)
            } else if left[i].author < right[j].author {
                result.append(left[i])
                i += 1
            } else {
                result.append(right[j])
                j += 1
            }
        }
        result.append(contentsOf: left[i...])
        result.append(contentsOf: right[j...])
        return result
    }
}
