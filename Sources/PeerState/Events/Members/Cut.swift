/// The last event of a target that a lowering still accepts; absent, it accepts none.
///
/// - Shape: `[seq, id]` or null. Whether `seq` is that event's is a rule (`badCut`), not a shape.
package struct Cut: Hashable, Sendable {
    package let seq: UInt64
    package let id: Event.ID

    package init(seq: UInt64, id: Event.ID) {
        self.seq = seq
        self.id = id
    }

    fileprivate init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.array(exactly: 2, "cut")
        seq = try reader.unsigned("cut seq")
        id = try reader.identifier("cut id")
    }

    fileprivate func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.unsigned(seq)
        writer.identifier(id)
    }
}

extension CBORReader {
    package mutating func cut() throws(Failure<WireCode>) -> Cut? {
        try isNull() ? nil : try Cut(from: &self)
    }
}

extension CBORWriter {
    package mutating func cut(_ cut: Cut?) {
        optional(cut) { $1.write(to: &$0) }
    }
}
