import CLibuv

/// Names of what bounds per address count: one network of somebody, however many numbers it has.
package enum HostGroup {
    /// The host itself, or the first 64 bits of an IPv6 number, of which one owner has them all.
    ///
    /// - Parameter host: as `Address` prints it, brackets or not. Numbers of the local link stay
    ///   whole: there all share those bits.
    package static func name(of host: String) -> String {
        let plain = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        var number = in6_addr()
        guard plain.contains(":"), uv_inet_pton(AF_INET6, plain, &number) == 0 else { return host }
        let words = withUnsafeBytes(of: number) { bytes in
            (0..<4).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
        }
        guard words[0] & 0xFFC0 != 0xFE80 else { return host }
        return words.map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
    }
}
