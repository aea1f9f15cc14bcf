package import PeerState

/// Bounds of HTTP, by the names of MCP 14.
extension Limits {
    package static let httpHeaderBytes = 16 << 10
    package static let httpHeaderCount = 100
    package static let httpTargetBytes = 2 << 10
    package static let httpMethodBytes = 32
    package static let httpBodyBytes = 4 << 20
    /// One chunk-size line with its extensions.
    package static let httpChunkLineBytes = 256
    /// Hexadecimal digits of a chunk size.
    package static let httpChunkDigits = 8
    package static let httpHeaderTimeout = Milliseconds.seconds(10)
    package static let httpBodyTimeout = Milliseconds.seconds(30)
    package static let httpIdleTimeout = Milliseconds.seconds(75)
    package static let httpConnections = 2_048
    package static let httpConnectionsPerAddress = 256
    /// Bytes of later requests that a connection keeps while it answers one.
    package static let httpPipelineBytes = 64 << 10
    /// `out.buffer`: bytes that wait for a client to read.
    package static let httpOutputBytes = 1 << 20
    package static let httpStuckTimeout = Milliseconds.seconds(30)
    /// How long an answer may stay uncommitted before it becomes a stream, and the pause between
    /// the comments that keep a stream alive.
    package static let streamKeepAlive = Milliseconds.seconds(15)
    package static let exchangesInFlightTotal = 4_096
    /// Frames that wait for a listener to read; more become a single resync.
    package static let listenRing = 1_024
    package static let sessionsPerPrincipal = 64
    package static let sessionsTotal = 1_024
    package static let sessionIdle = Milliseconds.seconds(86_400)
    /// How far the stored time of a session's last use may lag.
    package static let sessionUseKept = Milliseconds.seconds(600)
    package static let sessionLife = Milliseconds.seconds(30 * 86_400)
    package static let sessionReplayFrames = 256
    package static let sessionReplayBytes = 1 << 20
    /// How soon a legacy client may come back after we end its stream, ms.
    package static let streamRetry = 3_000
    /// How long what is being answered may take once the server or a pipe ends.
    package static let drainTimeout = Milliseconds.seconds(2)
    /// How long what is under way may take after the end of a client's input (MCP S1).
    package static let finishTimeout = Milliseconds.seconds(1)
    package static let tokensMax = 256
}
