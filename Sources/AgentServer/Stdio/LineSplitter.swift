import PeerState

/// Cuts a byte stream into lines, each one frame.
///
/// - Shape: lines end with `\n`, a `\r` before it is dropped, empty lines are skipped.
/// - Bound: `Limits.stdioLineBytes`; a longer line is reported once and skipped to its end.
package struct LineSplitter: Sendable {
    package enum Line: Equatable, Sendable {
        case frame([UInt8])
        case tooLong
    }

    private var partial: [UInt8] = []
    private var isSkipping = false
    private let limit: Int

    init(limit: Int = Limits.stdioLineBytes) {
        self.limit = limit
    }

    mutating func push(_ bytes: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            append(rest[..<end], to: &lines)
            rest = rest[(end + 1)...]
            finishLine(&lines)
        }
        append(rest, to: &lines)
        return lines
    }

    /// What was not ended by a line break counts as a line when input ends.
    mutating func end() -> [Line] {
        var lines: [Line] = []
        finishLine(&lines)
        return lines
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>, to lines: inout [Line]) {
        guard !isSkipping else { return }
        guard partial.count + bytes.count <= limit else {
            isSkipping = true
            partial = []
            lines.append(.tooLong)
            return
        }
        partial.append(contentsOf: bytes)
    }

    private mutating func finishLine(_ lines: inout [Line]) {
        defer { isSkipping = false }
        guard !isSkipping else { return }
        if partial.last == 0x0D { partial.removeLast() }
        if !partial.isEmpty { lines.append(.frame(partial)) }
        partial = []
    }
}
