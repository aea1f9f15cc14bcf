package import PeerState

/// Bounds of HTTP, by the names of MCP 14.
extension Limits {
    package static var httpHeaderBytes: Int { OperatorLimit.httpHeaderBytes.value }
    package static var httpHeaderCount: Int { OperatorLimit.httpHeaderCount.value }
    package static var httpTargetBytes: Int { OperatorLimit.httpTargetBytes.value }
    package static let httpMethodBytes = 32
    package static var httpBodyBytes: Int { OperatorLimit.httpBodyBytes.value }
    /// One chunk-size line with its extensions.
    package static let httpChunkLineBytes = 256
    /// Hexadecimal digits of a chunk size.
    package static let httpChunkDigits = 8
    package static var httpHeaderTimeout: Milliseconds { .seconds(OperatorLimit.httpHeaderTimeout) }
    package static var httpBodyTimeout: Milliseconds { .seconds(OperatorLimit.httpBodyTimeout) }
    package static var httpIdleTimeout: Milliseconds { .seconds(OperatorLimit.httpIdleTimeout) }
    package static var httpConnections: Int { OperatorLimit.httpConnections.value }
    package static var httpConnectionsPerAddress: Int {
        OperatorLimit.httpConnectionsPerAddress.value
    }
    /// Bytes of later requests that a connection keeps while it answers one: 4 KiB for each.
    package static var httpPipelineBytes: Int { OperatorLimit.httpPipeline.value << 12 }
    /// `out.buffer`: bytes that wait for a client to read.
    package static var httpOutputBytes: Int { OperatorLimit.outputBytes.value }
    package static let httpStuckTimeout = Milliseconds.seconds(30)
    /// How long an answer may stay uncommitted before it becomes a stream, and the pause between
    /// the comments that keep a stream alive.
    package static let streamKeepAlive = Milliseconds.seconds(15)
    package static var exchangesInFlightTotal: Int { OperatorLimit.exchangesInFlightTotal.value }
    /// Frames that wait for a listener to read; more become a single resync.
    package static var listenRing: Int { OperatorLimit.listenRing.value }
    package static var sessionsPerPrincipal: Int { OperatorLimit.sessionsPerPrincipal.value }
    package static var sessionsTotal: Int { OperatorLimit.sessionsTotal.value }
    package static var sessionIdle: Milliseconds { .seconds(OperatorLimit.sessionIdle) }
    /// How far the stored time of a session's last use may lag.
    package static let sessionUseKept = Milliseconds.seconds(600)
    package static let sessionLife = Milliseconds.seconds(30 * 86_400)
    package static var sessionReplayFrames: Int { OperatorLimit.sessionReplayFrames.value }
    package static var sessionReplayBytes: Int { OperatorLimit.sessionReplayBytes.value }
    /// How soon a legacy client may come back after we end its stream, ms.
    package static let streamRetry = 3_000
    /// How long what is being answered may take once the server or a pipe ends.
    package static let drainTimeout = Milliseconds.seconds(2)
    /// How long what is under way may take after the end of a client's input (MCP S1).
    package static let finishTimeout = Milliseconds.seconds(1)
    package static var tokensMax: Int { OperatorLimit.tokensMax.value }
}
