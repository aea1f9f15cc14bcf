import Foundation
import Glibc

/// A running program with pipes, whose every wait has a deadline; it never outlives its owner.
///
/// A thread of its own reads both outputs and counts down deadlines, another one waits for the
/// end, so that no test blocks a thread of the pool.
package final class ChildProcess: Sendable {
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(by: Int32)
    }

    package struct Problem: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) { self.description = description }
    }

    package let name: String
    private let core: ChildProcessCore

    /// Starts a program, in a process group of its own.
    ///
    /// - Parameter environment: added to that of the tests, without its `PEER_AGENT_…`.
    /// - Parameter onLine: gets the lines of standard output instead of `output`.
    package init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        name: String = "", onLine: (@Sendable ([UInt8]) -> Void)? = nil
    ) throws {
        self.name = name
        core = try ChildProcessCore(
            program, arguments, environment: Self.environment(environment), onLine: onLine)
        core.begin()
    }

    deinit {
        core.signal(SIGKILL)
        core.closeInput()
    }

    private static func environment(_ added: [String: String]) -> [String] {
        var all = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PEER_AGENT_") }
        all.merge(added) { $1 }
        return all.map { "\($0)=\($1)" }
    }

    package var standardError: String { core.with { String(decoding: $0.errors, as: UTF8.self) } }
    package var output: String { core.with { String(decoding: $0.output, as: UTF8.self) } }
    package var processID: Int32 { core.process }

    /// - Errors: a program that has not read for ten seconds, or has ended.
    package func send(_ bytes: [UInt8]) throws { try core.send(bytes) }

    package func send(line: String) throws { try send(Array((line + "\n").utf8)) }

    package func closeInput() { core.closeInput() }

    /// Does nothing once the process has ended.
    package func signal(_ number: Int32) { core.signal(number) }

    /// Waits for the end.
    package func ending(within seconds: Double = 20) async throws -> Ending {
        try await wait(seconds, "to end") { $0.isDrained ? $0.ending : nil }
    }

    /// Kills it as a power cut would, and waits until it is gone.
    package func kill() async throws {
        signal(SIGKILL)
        _ = try await ending()
    }

    /// The first line on standard error that holds `text`.
    package func logLine(
        with text: String, within seconds: Double = 20
    ) async throws -> String {
        try await wait(seconds, "to log \"\(text)\"") { state in
            let lines = String(decoding: state.errors, as: UTF8.self).split(separator: "\n")
            return lines.first { $0.contains(text) }.map(String.init)
        }
    }

    /// Waits until `value` is there; it is asked again whenever the process wrote or ended.
    ///
    /// - Errors: `Problem` with what the process logged, after `seconds`.
    package func wait<Value: Sendable>(
        _ seconds: Double = 20, _ what: String,
        until value: @escaping (ChildProcessCore.State) -> Value?
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            core.addWaiter(seconds) { [name] state, isLate in
                if let value = value(state) {
                    continuation.resume(returning: value)
                    return true
                }
                guard isLate else { return false }
                let log = String(decoding: state.errors.suffix(4_000), as: UTF8.self)
                continuation.resume(
                    throwing: Problem(
                        "\(name): waited \(seconds) s \(what), in vain; "
                            + "ended: \(state.ending.map { "\($0)" } ?? "no"); log:\n\(log)"))
                return true
            }
        }
    }
}

/// What the owner of a child process shares with the threads that watch it.
// SAFETY: `state` is only touched under `lock`, writing to `input` only under `inputLock`.
package final class ChildProcessCore: @unchecked Sendable {
    package struct State {
        package fileprivate(set) var output: [UInt8] = []
        package fileprivate(set) var errors: [UInt8] = []
        package fileprivate(set) var ending: ChildProcess.Ending?
        /// Both outputs were read to their end.
        package fileprivate(set) var isDrained = false
        fileprivate var partial: [UInt8] = []
        fileprivate var waiters: [Waiter] = []
    }

    fileprivate struct Waiter {
        let deadline: UInt64
        /// Returns whether it was answered; `true` = time is up.
        let attempt: (State, Bool) -> Bool
    }

    private static let spawning = NSLock()

    fileprivate let process: pid_t
    private let lock = NSLock()
    private let inputLock = NSLock()
    private var state = State()
    private var input: Int32
    private let sources: [Int32]
    private let wakeup: Int32
    private let onLine: (@Sendable ([UInt8]) -> Void)?

    fileprivate init(
        _ program: String, _ arguments: [String], environment: [String],
        onLine: (@Sendable ([UInt8]) -> Void)?
    ) throws {
        self.onLine = onLine
        // A child started between a pipe and its close-on-exec mark would keep it open.
        Self.spawning.lock()
        defer { Self.spawning.unlock() }
        let toChild = try Self.pipe()
        let output = try Self.pipe()
        let errors = try Self.pipe()
        let wake = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            for end in [toChild.reading, output.writing, errors.writing] { close(end) }
        }
        posix_spawn_file_actions_adddup2(&actions, toChild.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
        process = try Self.spawn([program] + arguments, environment, &actions)
        _ = fcntl(toChild.writing, F_SETFL, O_NONBLOCK)
        input = toChild.writing
        sources = [output.reading, errors.reading, wake.reading]
        wakeup = wake.writing
    }

    deinit {
        for end in sources + [wakeup] { close(end) }
        if input >= 0 { close(input) }
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw ChildProcess.Problem("no pipe: errno \(errno)")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ words: [String], _ environment: [String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var usual = sigset_t()
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
        let arguments = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process = pid_t()
        let result = posix_spawn(&process, words[0], &actions, &attributes, arguments, variables)
        guard result == 0 else {
            throw ChildProcess.Problem("cannot start \(words[0]): errno \(result)")
        }
        return process
    }

    fileprivate func begin() {
        signalIgnorePipe
        Thread.detachNewThread { [self] in readUntilEnd() }
        Thread.detachNewThread { [self] in awaitEnding() }
    }

    // The owner's side

    fileprivate func with<Value>(_ body: (State) -> Value) -> Value {
        lock.withLock { body(state) }
    }

    fileprivate func addWaiter(_ seconds: Double, _ attempt: @escaping (State, Bool) -> Bool) {
        lock.withLock {
            guard !attempt(state, false) else { return }
            let deadline = now() + UInt64(seconds * 1_000)
            state.waiters.append(Waiter(deadline: deadline, attempt: attempt))
        }
        wake()
    }

    fileprivate func signal(_ number: Int32) {
        // The number is not given to another process before `ending` is set.
        lock.withLock { if state.ending == nil { _ = Glibc.kill(process, number) } }
    }

    fileprivate func closeInput() {
        inputLock.withLock {
            if input >= 0 { close(input) }
            input = -1
        }
    }

    fileprivate func send(_ bytes: [UInt8]) throws {
        try inputLock.withLock {
            guard input >= 0 else { throw ChildProcess.Problem("input was closed") }
            var sent = 0
            while sent < bytes.count {
                let part = bytes.withUnsafeBytes { buffer in
                    write(input, buffer.baseAddress?.advanced(by: sent), bytes.count - sent)
                }
                if part >= 0 {
                    sent += part
                    continue
                }
                var descriptor = pollfd(fd: input, events: Int16(POLLOUT), revents: 0)
                guard errno == EAGAIN || errno == EINTR, poll(&descriptor, 1, 10_000) > 0 else {
                    throw ChildProcess.Problem("cannot write to the process: errno \(errno)")
                }
            }
        }
    }

    private func wake() {
        _ = write(wakeup, [0], 1)
    }

    private func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }

    // The threads' side

    private func awaitEnding() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        lock.withLock {
            var status: Int32 = 0
            waitpid(process, &status, 0)
            let signal = status & 0x7f
            state.ending = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(by: signal)
        }
        wake()
    }

    private func readUntilEnd() {
        var open: [Int32] = [sources[0], sources[1]]
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let (timeout, isOver) = settleWaiters(isDrained: open.isEmpty)
            if isOver { return }
            var descriptors = (open + [sources[2]]).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            _ = poll(&descriptors, nfds_t(descriptors.count), timeout)
            for ready in descriptors where ready.revents != 0 {
                let count = read(ready.fd, &chunk, chunk.count)
                if count < 0 && errno == EINTR { continue }
                if ready.fd == sources[2] { continue }
                guard count > 0 else {
                    open.removeAll { $0 == ready.fd }
                    continue
                }
                take(chunk[..<count], from: ready.fd)
            }
        }
    }

    private func take(_ bytes: ArraySlice<UInt8>, from source: Int32) {
        var lines: [[UInt8]] = []
        lock.withLock {
            if source == sources[1] {
                state.errors.append(contentsOf: bytes)
            } else if onLine == nil {
                state.output.append(contentsOf: bytes)
            } else {
                state.partial.append(contentsOf: bytes)
                while let end = state.partial.firstIndex(of: 0x0A) {
                    lines.append(Array(state.partial[..<end]))
                    state.partial.removeSubrange(...end)
                }
            }
        }
        for line in lines { onLine?(line) }
    }

    /// Answers waiters; returns how long to wait for the next event, and whether all is over.
    private func settleWaiters(isDrained: Bool) -> (timeout: Int32, isOver: Bool) {
        lock.withLock {
            state.isDrained = isDrained
            let time = now()
            let waiters = state.waiters
            state.waiters = []
            state.waiters += waiters.filter { !$0.attempt(state, $0.deadline <= time) }
            let isOver = isDrained && state.ending != nil && state.waiters.isEmpty
            let next = state.waiters.map(\.deadline).min()
            return (next.map { Int32(clamping: $0 - min($0, time)) } ?? -1, isOver)
        }
    }
}

/// A child that ended must be an error of `write`, not the end of the tests.
private let signalIgnorePipe: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
