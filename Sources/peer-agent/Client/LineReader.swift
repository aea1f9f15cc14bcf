import Glibc
import PeerNet
import PeerState

/// Cuts what a descriptor gives into lines, waiting no longer than it is told.
///
/// - Isolation: one thread. Does not close the descriptor.
struct LineReader {
    private static let readBytes = 65_536
    /// A line that is longer cannot be a frame.
    private static let lineMax = 8 << 20

    let descriptor: Int32
    private var received: [UInt8] = []
    private var searched = 0
    private(set) var isAtEnd = false

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// A whole line that is already here, without its line break.
    mutating func line() -> [UInt8]? {
        guard let end = received[searched...].firstIndex(of: 0x0A) else {
            searched = received.count
            return nil
        }
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        searched = 0
        return line
    }

    /// What came after the last line break, when nothing more will come.
    mutating func rest() -> [UInt8] {
        defer {
            received = []
            searched = 0
        }
        return received
    }

    /// Reads once what is there; blocks if nothing is.
    ///
    /// - Errors: `nodeUnreachable` for a line without end or a failed read.
    mutating func fill() throws(CLIFailure) {
        guard received.count < Self.lineMax else {
            throw CLIFailure(.nodeUnreachable, "the other side sends a line without end")
        }
        var chunk = [UInt8](repeating: 0, count: Self.readBytes)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
        if count < 0 && errno == ECONNRESET {
            isAtEnd = true
            return
        }
        guard count >= 0 else {
            throw CLIFailure(.nodeUnreachable, "cannot read: \(systemText(errno))")
        }
        if count == 0 { isAtEnd = true }
        received.append(contentsOf: chunk[..<count])
    }

    /// The next line, or `nil` at the end or when the time is up.
    mutating func line(before deadline: Instant) throws(CLIFailure) -> [UInt8]? {
        while true {
            if let line = line() { return line }
            let left = deadline.milliseconds(since: SystemClock.now())
            guard !isAtEnd, left > 0 else { return nil }
            let ready = Readiness.wait([descriptor], milliseconds: left)
            if ready.contains(descriptor) { try fill() }
        }
    }
}
