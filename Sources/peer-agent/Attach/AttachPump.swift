import Glibc
import PeerState

/// Carries bytes between this process's pipes and the node that runs on the data directory.
///
/// Neither side is read while the other does not take what was read.
/// - Isolation: one thread, which it blocks. Source: MCP 16.3.
struct AttachPump {
    /// What a pipe that is ready takes without blocking.
    private static let pipeBytes = 4_096
    private static let readBytes = 65_536

    private let input: Int32
    private let output: Int32
    private let socket: Int32
    private let signals: Int32
    private var toNode = PipeBuffer()
    private var toClient = PipeBuffer()
    private var hasHungUp = false
    private var isAsked = false

    init(input: Int32, output: Int32, socket: Int32, signals: Int32) {
        self.input = input
        self.output = output
        self.socket = socket
        self.signals = signals
    }

    /// Returns when the client has ended its input and has all answers, or after a signal.
    ///
    /// - Errors: `nodeGone` when the node went away first.
    mutating func run() throws(CLIFailure) {
        while !toClient.isDone && !isAsked {
            try turn()
        }
        guard hasHungUp || isAsked || toNode.isEnded else {
            throw CLIFailure(.nodeGone, "the node this process was attached to has stopped")
        }
    }

    private mutating func turn() throws(CLIFailure) {
        var polled = [
            pollfd(fd: toNode.canTake ? input : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: toClient.isEmpty ? -1 : output, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: socket, events: socketEvents, revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        if polled[2].events == 0 { polled[2].fd = -1 }
        guard poll(&polled, nfds_t(polled.count), -1) > 0 else { return }
        if polled[3].revents != 0 {
            isAsked = !SignalPipe.take(signals).isEmpty
        }
        if polled[0].revents != 0 { takeInput() }
        let came = Int32(polled[2].revents)
        if came & (POLLIN | POLLHUP | POLLERR) != 0 && toClient.canTake { takeAnswer() }
        if came & POLLOUT != 0 { passToNode() }
        if polled[1].revents != 0 { try passToClient() }
        hangUpIfDone()
    }

    private var socketEvents: Int16 {
        Int16((toClient.canTake ? POLLIN : 0) | (toNode.isEmpty ? 0 : POLLOUT))
    }

    private mutating func takeInput() {
        var part = [UInt8](repeating: 0, count: Self.readBytes)
        let count = read(input, &part, part.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
        guard count > 0 else { return toNode.end() }
        toNode.take(part[..<count])
    }

    private mutating func takeAnswer() {
        var part = [UInt8](repeating: 0, count: Self.readBytes)
        let count = recv(socket, &part, part.count, Int32(MSG_DONTWAIT))
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
        guard count > 0 else { return toClient.end() }
        toClient.take(part[..<count])
    }

    private mutating func passToNode() {
        let part = Array(toNode.next(Self.readBytes))
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let count = send(socket, part, part.count, flags)
        if count > 0 { toNode.passedOn(count) }
        if count < 0 && errno != EINTR && errno != EAGAIN { toClient.end() }
    }

    private mutating func passToClient() throws(CLIFailure) {
        let part = Array(toClient.next(Self.pipeBytes))
        let count = write(output, part, part.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
        guard count > 0 else {
            throw CLIFailure(.outputFailed, "the client is gone: \(systemText(errno))")
        }
        toClient.passedOn(count)
    }

    /// Tells the node that no more requests come; it then finishes those it has.
    private mutating func hangUpIfDone() {
        guard toNode.isDone, !hasHungUp else { return }
        hasHungUp = true
        shutdown(socket, Int32(SHUT_WR))
    }
}
