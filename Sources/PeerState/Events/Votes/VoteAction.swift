/// What an electorate is asked to do.
///
/// - Shape: `[1, target, level]`, `[2, target]`, `[3, [mode, n]]` or `[4, target]`, exactly.
package enum VoteAction: Hashable, Sendable {
    case raise(Peer.ID, to: Level)
    case remove(Peer.ID)
    case setThreshold(Threshold)
    case suspend(Peer.ID)

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        let count = try reader.array("action")
        guard count > 0 else { throw reader.wrong("action") }
        let number = try reader.unsigned(in: 1...4, "action")
        guard count == (number == 1 ? 3 : 2) else { throw reader.wrong("action") }
        switch number {
        case 1:
            let target: Peer.ID = try reader.identifier("target")
            guard let level = Level(rawValue: try reader.unsigned(in: 0...2, "level")) else {
                throw reader.wrong("level")
            }
            self = .raise(target, to: level)
        case 2: self = .remove(try reader.identifier("target"))
        case 3: self = .setThreshold(try Threshold(from: &reader))
        default: self = .suspend(try reader.identifier("target"))
        }
    }

    package func write(to writer: inout CBORWriter) {
        switch self {
        case .raise(let target, let level):
            writer.array(3)
            writer.unsigned(1)
            writer.identifier(target)
            writer.unsigned(level.rawValue)
        case .remove(let target):
            writer.array(2)
            writer.unsigned(2)
            writer.identifier(target)
        case .setThreshold(let threshold):
            writer.array(2)
            writer.unsigned(3)
            threshold.write(to: &writer)
        case .suspend(let target):
            writer.array(2)
            writer.unsigned(4)
            writer.identifier(target)
        }
    }

    /// Whom it is about; `nil` for the threshold.
    package var target: Peer.ID? {
        switch self {
        case .raise(let target, _), .remove(let target), .suspend(let target): target
        case .setThreshold: nil
        }
    }
}
