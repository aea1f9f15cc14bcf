import CSodium

/// The hash functions of the protocol, and libsodium's one-time start.
package enum Sodium {
    /// Initialises libsodium once; every type that calls the library touches this first.
    package static let ready: Void = {
        precondition(sodium_init() >= 0, "libsodium could not be initialised")
    }()

    /// `H(domain, parts)` of PROTOCOL: BLAKE2b-256 over the domain string, then the parts.
    package static func hash(_ domain: String, _ parts: [UInt8]...) -> Digest.Value {
        keyedHash(key: [], domain: domain, parts: parts)
    }

    /// `Hk(key, domain ‖ parts)`: the same keyed with 32 bytes.
    package static func hash(key: [UInt8], _ domain: String, _ parts: [UInt8]...) -> Digest.Value {
        keyedHash(key: key, domain: domain, parts: parts)
    }

    private static func keyedHash(key: [UInt8], domain: String, parts: [[UInt8]]) -> Digest.Value {
        var input = Array(domain.utf8)
        for part in parts { input.append(contentsOf: part) }
        return blake2b(input, key: key)
    }

    /// BLAKE2b-256 of `input`, keyed when `key` is not empty (32 bytes).
    package static func blake2b(_ input: [UInt8], key: [UInt8] = []) -> Digest.Value {
        ready
        Cost.note(.hash)
        precondition(key.isEmpty || key.count == 32, "BLAKE2b keys are 32 bytes here")
        var output = [UInt8](repeating: 0, count: 32)
        check(
            crypto_generichash(
                &output, output.count, input, UInt64(input.count), key.isEmpty ? nil : key,
                key.count)
        )
        guard let value = Digest.Value(output) else { preconditionFailure("hash of 32 bytes") }
        return value
    }

    /// BLAKE2b-256 of `input` as little-endian words, the least significant first.
    static func blake2bWords(
        _ input: UnsafeBufferPointer<UInt8>
    ) -> (UInt64, UInt64, UInt64, UInt64) {
        ready
        Cost.note(.hash)
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutablePointer(to: &words) { output in
            check(
                crypto_generichash(
                    UnsafeMutableRawPointer(output), 32, input.baseAddress, UInt64(input.count),
                    nil,
                    0))
        }
        return (
            UInt64(littleEndian: words.0), UInt64(littleEndian: words.1),
            UInt64(littleEndian: words.2), UInt64(littleEndian: words.3)
        )
    }

    /// Overwrites memory in a way the optimizer keeps.
    package static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) }
    }
}

/// Stops on a non-zero result of a C call that cannot fail unless we called it wrongly.
package func check(_ result: Int32, _ function: StaticString = #function) {
    precondition(result == 0, "C call failed with \(result) in \(function)")
}
