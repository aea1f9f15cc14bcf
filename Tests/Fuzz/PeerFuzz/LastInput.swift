import Glibc

/// Where the input under test stands, so that a trap can still say what caused it.
enum LastInput {
    private static let capacity = 16_384
    // SAFETY: one thread writes it, and the signal handler that reads it ends the process.
    private nonisolated(unsafe) static let line = UnsafeMutablePointer<UInt8>.allocate(
        capacity: capacity * 2 + 256)
    // SAFETY: as `line`.
    private nonisolated(unsafe) static var count = 0

    /// Prints the noted line when the process traps.
    static func watch() {
        _ = line
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT, SIGBUS, SIGFPE] {
            signal(number) { _ in
                write(2, LastInput.line, LastInput.count)
                _exit(1)
            }
        }
    }

    static func note(_ target: String, seed: UInt64, _ bytes: [UInt8]) {
        count = 0
        append("TRAP in \(target), seed 0x\(String(seed, radix: 16)), input ".utf8)
        let digits = Array("0123456789abcdef".utf8)
        for byte in bytes.prefix(capacity) {
            line[count] = digits[Int(byte >> 4)]
            line[count + 1] = digits[Int(byte & 15)]
            count += 2
        }
        append("\n".utf8)
    }

    private static func append(_ text: String.UTF8View) {
        for byte in text {
            line[count] = byte
            count += 1
        }
    }
}
