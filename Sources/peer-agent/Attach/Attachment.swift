import Glibc
import PeerNet
import PeerState

/// Serves an MCP client through the node that already runs on its data directory.
///
/// - Source: MCP 16.3.
struct Attachment {
    /// How long a node that holds the directory may take to open its socket file.
    private static let startTimeout = Milliseconds.seconds(10)
    private static let lookEvery: Int32 = 50

    let dataDirectory: String
    var hello: HelloLine
    let log: Log

    /// Attaches if a node listens there, and serves until standard input ends.
    ///
    /// - Parameter output: the private descriptor of standard output.
    /// - Returns: whether there was a node.
    /// - Errors: `nodeRefused`; `nodeGone` when the node stops first.
    func run(output: Int32) throws(CLIFailure) -> Bool {
        let socket = SocketFile.connect(SocketFile.path(in: dataDirectory), timeoutSeconds: nil)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        let signals = try SignalPipe.watch([SIGINT, SIGTERM])
        try Output.write(hello.encoded, to: socket)
        let answer = try greeting(socket)
        if let refusal = HelloLine.refusal(in: answer) { throw refusal }
        log.log(.info, "attached to the node that runs in \(dataDirectory)")
        var pump = AttachPump(
            input: STDIN_FILENO, output: output, socket: socket, signals: signals)
        try pump.run()
        return true
    }

    /// The same for a node that holds the directory but may still be starting.
    func runWhenReady(output: Int32) throws(CLIFailure) -> Bool {
        let deadline = SystemClock.now() + Self.startTimeout
        repeat {
            if try run(output: output) { return true }
            poll(nil, 0, Self.lookEvery)
        } while SystemClock.now() < deadline
        return false
    }

    /// One line, read byte by byte so that nothing behind it is taken.
    private func greeting(_ socket: Int32) throws(CLIFailure) -> [UInt8] {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 4_096 {
            let count = read(socket, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else {
                throw CLIFailure(.nodeGone, "the node ended the conversation at its beginning")
            }
            if byte == 0x0A { return line }
            line.append(byte)
        }
        throw CLIFailure(.nodeUnreachable, "the node's greeting is too long")
    }
}
