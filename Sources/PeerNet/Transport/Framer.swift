import PeerState

/// Splits a byte stream into Noise messages.
///
/// - Shape: `u16` big-endian length, then that many bytes; at most `Limits.maxRecord`.
/// - Errors: `badFrame` for length 0. A partial message is kept, never an error.
/// - Bound: holds what was pushed and not yet taken; one message when the caller takes all.
/// - Source: PROTOCOL 8.1.
package struct Framer {
    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    /// Bytes of a message that is not complete.
    package var heldBytes: Int { buffer.count - start }

    package mutating func push(_ bytes: [UInt8]) {
        if start == buffer.count {
            buffer = bytes
            start = 0
            return
        }
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next complete message without its length; `nil` until more bytes come.
    package mutating func next() throws(NetFailure) -> [UInt8]? {
        guard heldBytes >= 2 else { return nil }
        let length = Int(buffer[start]) << 8 | Int(buffer[start + 1])
        guard length > 0 else { throw NetFailure(.badFrame, "message of length 0") }
        guard heldBytes >= 2 + length else { return nil }
        defer { start += 2 + length }
        return Array(buffer[start + 2..<start + 2 + length])
    }

    /// Appends `message` with its length to `output`.
    package static func frame(_ message: [UInt8], into output: inout [UInt8]) {
        precondition((1...Limits.maxRecord).contains(message.count), "message has no valid length")
        output.append(UInt8(message.count >> 8))
        output.append(UInt8(message.count & 255))
        output.append(contentsOf: message)
    }

    package static func frame(_ message: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(message.count + 2)
        frame(message, into: &output)
        return output
    }
}
