package import PeerNode
import PeerState

/// A place to go on from: a feed position, and in listings the place within the page.
///
/// - Shape: `c1_` + base64url of version, store tag, feed position and page position (MCP 7.1).
package struct Cursor: Hashable, Sendable {
    package enum Page: Hashable, Sendable {
        case none
        case display(DisplayPosition)
        /// How many entries of a listing were shown.
        case offset(UInt64)
    }

    package var feed: UInt64
    package var page: Page

    package static let prefix = "c1_"
    /// Of places in the audit log, where `feed` is the number of a record.
    static let auditPrefix = "a1_"
    private static let version: UInt8 = 1

    package init(feed: UInt64, page: Page = .none) {
        self.feed = feed
        self.page = page
    }

    /// - Parameter storeTag: that of the store whose feed it counts.
    package func text(storeTag: UInt32, prefix: String = Self.prefix) -> String {
        var bytes: [UInt8] = [Self.version]
        withUnsafeBytes(of: storeTag.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(varint: feed)
        switch page {
        case .none: break
        case .display(let position):
            bytes.append(1)
            bytes.append(varint: position.lamport)
            position.author.append(to: &bytes)
            bytes.append(varint: position.seq)
        case .offset(let offset):
            bytes.append(2)
            bytes.append(varint: offset)
        }
        return prefix + Base64URL.encode(bytes)
    }

    /// Returns `nil` for anything that this store did not hand out.
    package init?(_ text: String, storeTag: UInt32, prefix: String = Self.prefix) {
        guard text.hasPrefix(prefix), text.utf8.count <= Limits.cursorCharacters + 20,
            let bytes = Base64URL.decode(text.dropFirst(prefix.count)),
            bytes.count > 5, bytes[0] == Self.version
        else { return nil }
        let tag = bytes[1..<5].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var rest = bytes[5...]
        guard tag == storeTag, let feed = rest.takeVarint() else { return nil }
        self.feed = feed
        switch rest.popFirst() {
        case nil: page = .none
        case 1:
            guard let lamport = rest.takeVarint(), rest.count > 32,
                let author = Peer.ID(rest.prefix(32))
            else { return nil }
            rest = rest.dropFirst(32)
            guard let seq = rest.takeVarint() else { return nil }
            page = .display(DisplayPosition(lamport: lamport, author: author, seq: seq))
        case 2:
            guard let offset = rest.takeVarint() else { return nil }
            page = .offset(offset)
        default: return nil
        }
        guard rest.isEmpty else { return nil }
    }
}

extension [UInt8] {
    /// Seven bits a byte, lowest first.
    fileprivate mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func takeVarint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = popFirst() else { return nil }
            // No store counts beyond 63 bits, so that there is always a next place.
            guard shift < 63 else { return nil }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}
