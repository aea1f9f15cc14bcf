/// How many yes ballots of an electorate a proposal needs.
///
/// - Shape: `[mode, n]`, modes 0 majority, 1 unanimous, 2 count; n is 0 for modes 0 and 1.
/// A count of 0 or beyond the electorate breaks a rule (`invalidThreshold`), not the shape.
/// - Source: PROTOCOL 4.4.
package enum Threshold: Hashable, Sendable {
    case majority
    case unanimous
    case count(UInt64)

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.array(exactly: 2, "threshold")
        let mode = try reader.unsigned(in: 0...2, "threshold mode")
        let count = try reader.unsigned(in: mode == 2 ? 0...UInt64.max : 0...0, "threshold count")
        switch mode {
        case 0: self = .majority
        case 1: self = .unanimous
        default: self = .count(count)
        }
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        switch self {
        case .majority:
            writer.unsigned(0)
            writer.unsigned(0)
        case .unanimous:
            writer.unsigned(1)
            writer.unsigned(0)
        case .count(let count):
            writer.unsigned(2)
            writer.unsigned(count)
        }
    }
}
