package import PeerState

/// The one number a simulated run grows from.
///
/// Every decision draws from its own generator, so that leaving one out changes no other
/// (HOSTILE 1.3).
package struct Seed: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) {
        self.value = value
    }

    package var description: String { "0x" + String(value, radix: 16) }

    /// The generator of one decision, such as the delay (purpose) of a link's (subject) 41st frame
    /// (ordinal).
    package func stream(
        _ purpose: String, _ subject: UInt64 = 0, _ ordinal: UInt64 = 0
    ) -> SeededRandom {
        // FNV-1a names the purpose; SplitMix64 then mixes each number into the whole state.
        var name: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in purpose.utf8 { name = (name ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var state = value
        for part in [name, subject, ordinal] {
            var random = SeededRandom(seed: state ^ part)
            state = random.next()
        }
        return SeededRandom(seed: state)
    }

    /// The seed of a part of the run that draws many times by itself.
    package func child(_ purpose: String, _ subject: UInt64 = 0) -> Seed {
        var random = stream(purpose, subject)
        return Seed(random.next())
    }
}
