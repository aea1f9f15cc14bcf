package import PeerState

/// The text that a bearer shows: 256 random bits, hexadecimal, behind a prefix that scanners know.
///
/// - Source: MCP 9.2.
package enum TokenText {
    package static let prefix = "pat_"
    private static let digits = 64

    package static func make(_ entropy: inout Entropy) -> String {
        prefix + entropy.bytes(digits / 2).hex
    }

    package static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count == prefix.utf8.count + digits && text.hasPrefix(prefix)
            && text.utf8.dropFirst(prefix.utf8.count).allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
    }

    /// `t_` and 8 letters of base32, for people and logs.
    package static func makeID(_ entropy: inout Entropy) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        return TokenRow.prefix + String(entropy.bytes(8).map { alphabet[Int($0 & 31)] })
    }
}
