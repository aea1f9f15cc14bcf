import Glibc
import Synchronization

/// A node that this library started; its input ends, and so does it, when the agent goes.
final class Child: Sendable {
    let input: Int32
    let output: Int32
    private let process: pid_t
    private let hasEnded = Mutex(false)

    init(_ program: String, _ arguments: [String]) throws(AgentError) {
        signal(SIGPIPE, SIG_IGN)
        let toChild = try Self.pipe()
        let fromChild = try Self.pipe()
        defer {
            close(toChild.reading)
            close(fromChild.writing)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild.reading, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild.writing, STDOUT_FILENO)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let result = posix_spawnp(&process, program, &actions, nil, &words, environ)
        guard result == 0 else {
            close(toChild.writing)
            close(fromChild.reading)
            throw .unreachable("cannot start \(program): error \(result)")
        }
        input = toChild.writing
        output = fromChild.reading
        self.process = process
    }

    private static func pipe() throws(AgentError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw .unreachable("no pipe: error \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// Asks it to stop, and collects it in time; it keeps everything it acknowledged.
    func end() {
        let isFirst = hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
        guard isFirst else { return }
        kill(process, SIGTERM)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }
}
