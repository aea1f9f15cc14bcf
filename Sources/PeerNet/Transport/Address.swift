import CLibuv
import PeerState

/// Where a peer can be reached: a number or name, and a port.
///
/// - Shape: `host:port` or `[v6]:port`, at most `Limits.maxAddress` bytes.
/// - Source: PROTOCOL 8.3, Addresses.
package struct Address: Hashable, Sendable {
    /// Four decimal numbers, an IPv6 number without brackets, or a DNS name.
    package let host: String
    package let port: UInt16

    /// Returns `nil` for anything that must be skipped; port 0 is no address of a peer.
    package init?(_ text: some StringProtocol) {
        self.init(parsing: String(text))
        guard port > 0 else { return nil }
    }

    /// The same grammar for a place to listen at, where port 0 asks for any free one.
    package init?(listening text: some StringProtocol) {
        self.init(parsing: String(text))
    }

    /// For numbers that the system has given; nothing is checked.
    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// An address that means something on this machine alone: IPv6 may name its interface.
    package init?(local text: String) {
        if let address = Self(text) {
            self = address
            return
        }
        guard let percent = text.firstIndex(of: "%"), let close = text.firstIndex(of: "]"),
            percent < close, let plain = Self(text[..<percent] + text[close...]),
            plain.host.contains(":")
        else { return nil }
        self.init(host: plain.host + text[percent..<close], port: plain.port)
    }

    private init?(parsing text: String) {
        guard text.utf8.count <= Limits.maxAddress, let colon = text.lastIndex(of: ":"),
            let port = Self.port(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = String(host.dropFirst().dropLast())
            guard Self.isV6(inner) else { return nil }
            self.host = inner
        } else {
            guard Self.isV4(host) || Self.isName(host) else { return nil }
            self.host = String(host)
        }
        self.port = port
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), text == "0" || !text.hasPrefix("0")
        else { return nil }
        return UInt16(text)
    }

    private static func isV6(_ text: String) -> Bool {
        guard !text.contains("%") else { return false }  // A zone means something here only.
        var number = in6_addr()
        return uv_inet_pton(AF_INET6, text, &number) == 0
    }

    private static func isV4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil
                    && (part == "0" || !part.hasPrefix("0"))
            }
    }

    /// Letters, digits and inner hyphens; digits and dots alone would be a broken number.
    private static func isName(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, !last.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return false
        }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy(isNameByte)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 45, 48...57, 65...90, 97...122: true
        default: false
        }
    }
}

extension Address: CustomStringConvertible {
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
