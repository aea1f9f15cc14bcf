/// Which part of a checkpoint: the head, then frontiers, then events, each numbered from 0.
package enum StatePart: Hashable, Comparable, Sendable {
    case head
    case frontiers(Int)
    case events(Int)

    /// The number in the table of parts; parts are read in its order.
    package var number: Int64 {
        switch self {
        case .head: 0
        case .frontiers(let index): 1 << 32 | Int64(index)
        case .events(let index): 2 << 32 | Int64(index)
        }
    }

    /// `nil` for a number that no part has.
    package init?(number: Int64) {
        let index = Int(number & 0xffff_ffff)
        switch number >> 32 {
        case 0 where index == 0: self = .head
        case 1: self = .frontiers(index)
        case 2: self = .events(index)
        default: return nil
        }
    }
}
