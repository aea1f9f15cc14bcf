import CSodium

/// BLAKE2b-256 over bytes that come in parts, for files that do not fit into memory.
package struct HashStream: ~Copyable {
    private let state: UnsafeMutableRawPointer

    package init() {
        Sodium.ready
        state = .allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)
        check(crypto_generichash_init(OpaquePointer(state), nil, 0, 32))
    }

    deinit {
        state.deallocate()
    }

    package mutating func add(_ bytes: [UInt8]) {
        check(crypto_generichash_update(OpaquePointer(state), bytes, UInt64(bytes.count)))
    }

    /// The hash of everything added; nothing may be added afterwards.
    package consuming func finish() -> Digest.Value {
        var output = [UInt8](repeating: 0, count: 32)
        check(crypto_generichash_final(OpaquePointer(state), &output, output.count))
        guard let value = Digest.Value(output) else { preconditionFailure("hash of 32 bytes") }
        return value
    }
}
