/// The contents of a high-water file: where its database was, and the highest own event per server.
///
/// - Shape: slots of 128 bytes, each ending in a BLAKE2b-256 of what is before it and its index;
///   slot 0 says where, a slot of zeros is free. A slot lies within one sector.
package struct HighWaterImage {
    static let slotByteCount = 128
    private static let contentByteCount = 96
    private static let domain = "peer-agent/high-water/1"

    package enum Slot: Hashable, Sendable {
        case free
        case head(OwnHead)
        /// Half written; the server as far as it can be read.
        case torn(Server.ID)
    }

    /// `nil` when slot 0 is not readable, which makes the file worthless.
    package private(set) var origin: HighWaterOrigin?
    /// Slot 1 and following.
    package private(set) var slots: [Slot] = []

    package init(parsing bytes: [UInt8]) {
        guard bytes.count.isMultiple(of: Self.slotByteCount), !bytes.isEmpty else { return }
        origin = Self.content(bytes, slot: 0).flatMap(HighWaterOrigin.init(parsing:))
        guard origin != nil else { return }
        for index in 1..<bytes.count / Self.slotByteCount {
            slots.append(Self.slot(bytes, index))
        }
    }

    private static func slot(_ bytes: [UInt8], _ index: Int) -> Slot {
        let raw = bytes[(index * slotByteCount)..<((index + 1) * slotByteCount)]
        if raw.allSatisfy({ $0 == 0 }) { return .free }
        guard let server = Server.ID(raw.prefix(32)) else { preconditionFailure("32 bytes") }
        guard let content = content(bytes, slot: index),
            let id = Event.ID(content[32..<64])
        else { return .torn(server) }
        let seq = content[64..<72].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return .head(OwnHead(server: server, seq: seq, id: id))
    }

    /// The bytes a slot protects, or `nil` when its checksum does not fit.
    private static func content(_ bytes: [UInt8], slot index: Int) -> [UInt8]? {
        let start = index * slotByteCount
        let content = Array(bytes[start..<(start + contentByteCount)])
        let sum = bytes[(start + contentByteCount)..<(start + slotByteCount)]
        return sum.elementsEqual(checksum(content, index)) ? content : nil
    }

    private static func checksum(_ content: [UInt8], _ index: Int) -> [UInt8] {
        Sodium.hash(domain, content, UInt64(index).bigEndianBytes).bytes
    }

    private static func sealed(_ content: [UInt8], _ index: Int) -> [UInt8] {
        precondition(content.count <= contentByteCount, "a slot holds 96 bytes")
        let padding = [UInt8](repeating: 0, count: contentByteCount - content.count)
        return content + padding + checksum(content + padding, index)
    }

    static func bytes(of origin: HighWaterOrigin) -> [UInt8] { sealed(origin.bytes, 0) }

    static func bytes(of head: OwnHead, slot index: Int) -> [UInt8] {
        sealed(head.server.bytes + head.id.bytes + head.seq.bigEndianBytes, index)
    }
}

extension UInt64 {
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
