import CSodium

/// The protocol's hash over bytes that come in parts, none of which is copied or kept.
package struct StreamHash: ~Copyable {
    /// libsodium's state, aligned as it demands; its type has no name in Swift.
    private let memory: UnsafeMutableRawPointer
    private var state: OpaquePointer { OpaquePointer(memory) }

    package init(_ domain: String) {
        Sodium.ready
        memory = .allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)
        check(crypto_generichash_init(OpaquePointer(memory), nil, 0, 32))
        add(Array(domain.utf8))
    }

    deinit {
        memory.deallocate()
    }

    package mutating func add(_ bytes: [UInt8]) {
        check(crypto_generichash_update(state, bytes, UInt64(bytes.count)))
    }

    package mutating func add(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBufferPointer {
            check(crypto_generichash_update(state, $0.baseAddress, UInt64($0.count)))
        }
    }

    /// The hash of everything added; nothing may be added after it.
    package mutating func finish() -> Digest.Value {
        var output = [UInt8](repeating: 0, count: 32)
        check(crypto_generichash_final(state, &output, output.count))
        guard let value = Digest.Value(output) else { preconditionFailure("hash of 32 bytes") }
        return value
    }
}
