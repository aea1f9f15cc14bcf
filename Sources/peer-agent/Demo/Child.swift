import Glibc
import PeerNet
import PeerState

/// A second process of this same program, with pipes to its standard input and output.
///
/// Letting go kills it, and its input ends with this process, so none is left behind.
/// - Isolation: one thread.
final class Child {
    private let process: pid_t
    private var isGone = false
    private let input: Int32
    private let output: Int32
    private var received: [UInt8] = []

    /// Calls wait in slices of this, between which an interruption is seen.
    private static let pollSlice: UInt64 = 100
    private static let readBytes = 65_536

    /// - Parameter log: the file that receives its standard error.
    /// - Errors: `childFailed`.
    init(arguments: [String], log: String) throws(CLIFailure) {
        let toChild = try Self.pipe()
        let fromChild = try Self.pipe()
        defer {
            close(toChild.reading)
            close(fromChild.writing)
        }
        input = toChild.writing
        output = fromChild.reading
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild.reading, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild.writing, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(
            &actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        process = try Self.spawn(arguments, &actions)
    }

    deinit {
        kill()
        close(input)
        close(output)
    }

    private static func pipe() throws(CLIFailure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw CLIFailure(.childFailed, "no pipe: \(systemText(errno))")
        }
        // Closed in children: the other child's pipe must end with this process.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ arguments: [String], _ actions: inout posix_spawn_file_actions_t
    ) throws(CLIFailure) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Ctrl-C is for the demo, which then stops its children in order.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var words = (["peer-agent"] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let result = posix_spawn(
            &process, "/proc/self/exe", &actions, &attributes, &words, environ)
        guard result == 0 else {
            throw CLIFailure(.childFailed, "cannot start a node: \(systemText(result))")
        }
        return process
    }

    /// Ends it without a chance to say goodbye, as a power cut would.
    func kill() {
        guard !isGone else { return }
        isGone = true
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }

    /// - Errors: `childFailed` when it no longer reads.
    func send(_ line: [UInt8]) throws(CLIFailure) {
        do throws(CLIFailure) {
            try Output.write(line + [UInt8(ascii: "\n")], to: input)
        } catch {
            throw CLIFailure(.childFailed, "the node takes no requests: \(error.detail)")
        }
    }

    /// The next line of its standard output, without the line break.
    ///
    /// - Errors: `childFailed` at its end, `timeout`, `interrupted`.
    func line(before deadline: Instant) throws(CLIFailure) -> [UInt8] {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeSubrange(...end) }
                return Array(received[..<end])
            }
            try waitForOutput(until: deadline)
            var chunk = [UInt8](repeating: 0, count: Self.readBytes)
            let count = read(output, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw CLIFailure(.childFailed, "the node ended early") }
            received.append(contentsOf: chunk[..<count])
        }
    }

    private func waitForOutput(until deadline: Instant) throws(CLIFailure) {
        while true {
            try Interruption.check()
            let left = deadline.milliseconds(since: SystemClock.now())
            guard left > 0 else { throw CLIFailure(.timeout, "the node gave no answer in time") }
            var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, Int32(min(left, Self.pollSlice))) > 0 { return }
        }
    }
}
