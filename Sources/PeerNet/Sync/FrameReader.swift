import PeerState

/// Reads what frames have in common, and remembers what a Reject about this one would name.
struct FrameReader {
    var reader: CBORReader
    private(set) var type: UInt64 = 0
    private(set) var server: Server.ID?
    private var elementsLeft = 0

    init(_ frame: [UInt8]) {
        reader = CBORReader(frame, mismatch: .badField)
    }

    mutating func readType() throws(Failure<WireCode>) {
        let count = try reader.array("frame")
        guard count > 0 else { throw Failure(.badField, "empty frame") }
        type = try reader.unsigned("frame type")
        elementsLeft = count - 1
    }

    /// - Errors: `badField` unless at least `count` elements follow what was read so far.
    func expect(_ count: Int) throws(Failure<WireCode>) {
        guard elementsLeft >= count else { throw Failure(.badField, "missing element") }
    }

    mutating func readServer() throws(Failure<WireCode>) {
        try expect(1)
        server = try reader.identifier("server")
        elementsLeft -= 1
    }

    /// The server read before, once `count` more elements are there.
    func server(followedBy count: Int) throws(Failure<WireCode>) -> Server.ID {
        try expect(count)
        guard let server else { throw Failure(.badField, "server") }
        return server
    }

    mutating func tuple(_ count: Int) throws(Failure<WireCode>) {
        try reader.array(exactly: count)
    }

    /// Eight bytes as a number, so that numbers compare as the bytes do.
    mutating func handle() throws(Failure<WireCode>) -> UInt64 {
        let bytes = try reader.byteString(exactly: 8, "handle")
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func seq() throws(Failure<WireCode>) -> UInt64 {
        try reader.unsigned(in: 1...Limits.maxSeq, "seq")
    }

    mutating func range() throws(Failure<WireCode>) -> SeqRange {
        try tuple(3)
        let author: Peer.ID = try reader.identifier("author")
        let from = try seq()
        return SeqRange(
            author: author, from: from, to: try reader.unsigned(in: from...Limits.maxSeq))
    }

    /// A list whose length is checked before anything is allocated for it.
    mutating func list<Element>(
        max: Int, _ what: String,
        _ element: (inout FrameReader) throws(Failure<WireCode>) -> Element
    ) throws(Failure<WireCode>) -> [Element] {
        let count = try reader.array(max: max, what)
        var result: [Element] = []
        result.reserveCapacity(count)
        for _ in 0..<count { result.append(try element(&self)) }
        return result
    }

    /// Envelopes as they are; whether each one decodes is judged where events are taken in.
    mutating func envelopes(max: Int) throws(Failure<WireCode>) -> [[UInt8]] {
        try list(max: max, "envelopes") { frame throws(Failure<WireCode>) in
            try frame.reader.byteString("envelope")
        }
    }

    /// An array of at most `Limits.maxSections` bytes, or null.
    mutating func sections() throws(Failure<WireCode>) -> [UInt8]? {
        if try reader.isNull() { return nil }
        guard try reader.peekMajor() == 4 else { throw reader.wrong("sections") }
        let item = try reader.rawItem()
        guard item.count <= Limits.maxSections else { throw reader.wrong("sections") }
        return item
    }
}
