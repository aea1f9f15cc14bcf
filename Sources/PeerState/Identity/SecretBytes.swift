import CSodium

/// Bytes that must not linger: kept in guarded memory that is wiped when the last owner lets go.
///
/// A class, not a `~Copyable` struct: core values that hold keys are stored in arrays and
/// dictionaries (docs/decisions/0001).
// SAFETY: the memory is written once, in `init`, and only read until `deinit`.
package final class SecretBytes: @unchecked Sendable {
    private let memory: UnsafeMutablePointer<UInt8>
    package let count: Int

    /// Copies `bytes`; the caller wipes its own copy.
    package init(_ bytes: [UInt8]) {
        Sodium.ready
        guard let base = sodium_malloc(max(bytes.count, 1)) else {
            preconditionFailure("no memory for a key")
        }
        memory = base.bindMemory(to: UInt8.self, capacity: max(bytes.count, 1))
        memory.update(from: bytes, count: bytes.count)
        count = bytes.count
    }

    deinit {
        sodium_free(memory)  // Wipes before it frees.
    }

    /// Lends the bytes for the length of `body`; they must not escape it.
    package func withBytes<Result, Problem: Error>(
        _ body: (UnsafePointer<UInt8>) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        try body(UnsafePointer(memory))
    }

    /// A copy on the ordinary heap, for sealing or storing; wipe it after use.
    package func copy() -> [UInt8] { Array(UnsafeBufferPointer(start: memory, count: count)) }
}
