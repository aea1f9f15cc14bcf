import PeerState

/// Cuts frames into encrypted records and puts them together again.
///
/// - Shape: plaintext of a record = flags u8 ‖ at most `Limits.maxRecordContent` bytes; flag bit 0
///   =
///   more records of this frame follow. Source: PROTOCOL 8.2.
/// - Bound: holds less than one frame of `Limits.maxFrame` bytes.
package struct RecordLayer: Sendable {
    package enum Opened: Equatable, Sendable {
        /// A record in the middle of a frame, with the number of bytes it added.
        case more(Int)
        case frame([UInt8])
        /// It authenticates, but it is no record: the frame it belongs to is lost.
        case malformed
    }

    private var transport: NoiseTransport
    private var partial: [UInt8] = []
    /// Records sent under the present key.
    package private(set) var sentRecords: UInt64 = 0

    package init(_ transport: NoiseTransport) {
        self.transport = transport
    }

    /// The framed, encrypted records of `frame`.
    ///
    /// - Precondition: 1 … `Limits.maxFrame` bytes. Errors: `nonceExhausted`.
    package mutating func seal(_ frame: [UInt8]) throws(NetFailure) -> [UInt8] {
        precondition((1...Limits.maxFrame).contains(frame.count), "a frame beyond its bound")
        var output: [UInt8] = []
        output.reserveCapacity(frame.count + 3 * Limits.recordOverhead)
        var start = 0
        repeat {
            let end = min(start + Limits.maxRecordContent, frame.count)
            var plain: [UInt8] = []
            plain.reserveCapacity(1 + end - start)
            plain.append(end < frame.count ? 1 : 0)
            plain.append(contentsOf: frame[start..<end])
            Framer.frame(try transport.sending.encrypt(plain), into: &output)
            sentRecords += 1
            start = end
        } while start < frame.count
        return output
    }

    /// - Errors: `badFrame` for a record that does not authenticate and for a frame that grows
    ///   beyond its bound; neither can be followed by anything of use.
    package mutating func open(_ message: [UInt8]) throws(NetFailure) -> Opened {
        let plain = try transport.receiving.decrypt(message)
        guard let flags = plain.first, flags <= 1 else {
            partial = []
            return .malformed
        }
        guard partial.count + plain.count - 1 <= Limits.maxFrame else {
            throw NetFailure(.badFrame, "a frame of more than \(Limits.maxFrame) bytes")
        }
        if flags == 0 && partial.isEmpty { return .frame(Array(plain.dropFirst())) }
        partial.append(contentsOf: plain.dropFirst())
        if flags == 1 { return .more(plain.count - 1) }
        defer { partial = [] }
        return .frame(partial)
    }

    /// After the Rekey frame has been sealed: the next record uses the new key.
    package mutating func rekeySending() {
        transport.sending.rekey()
        sentRecords = 0
    }

    /// After the Rekey frame has been opened.
    package mutating func rekeyReceiving() { transport.receiving.rekey() }
}
