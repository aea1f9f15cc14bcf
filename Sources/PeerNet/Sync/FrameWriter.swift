import PeerState

/// Writes what frames have in common.
struct FrameWriter {
    var writer = CBORWriter()
    private let type: UInt64

    init(type: UInt64) {
        self.type = type
    }

    var bytes: [UInt8] { writer.bytes }

    /// Begins a frame of `count` elements after the type.
    mutating func begin(_ count: Int) {
        writer.array(count + 1)
        writer.unsigned(type)
    }

    /// Begins a frame of `count` elements after the type and the server.
    mutating func begin(_ server: Server.ID, _ count: Int) {
        begin(count + 1)
        writer.identifier(server)
    }

    mutating func handle(_ handle: UInt64) {
        writer.byteString(withUnsafeBytes(of: handle.bigEndian) { Array($0) })
    }

    mutating func range(_ range: SeqRange) {
        writer.array(3)
        writer.identifier(range.author)
        writer.unsigned(range.from)
        writer.unsigned(range.to)
    }

    mutating func byteStrings(_ strings: [[UInt8]]) {
        writer.array(strings.count)
        for string in strings { writer.byteString(string) }
    }

    mutating func reject(_ reject: SyncMessage.Reject) {
        begin(5)
        writer.optional(reject.server) { $0.identifier($1) }
        writer.unsigned(reject.about)
        writer.optional(reject.reference) { $0.unsigned($1) }
        writer.text(reject.code)
        writer.text(reject.detail)
    }
}
