/// Bounds that an operator may set, by their names in the configuration file (MCP 14).
///
/// One table for the process, settled before anything starts: what was sized by a bound would not
/// follow a later change.
package enum OperatorLimit: Int, CaseIterable, Sendable {
    case auditDays, auditRecords, exchangeTimeout, exchangesInFlight, exchangesInFlightTotal
    case feedDays, feedRows, fileInline, filePart, filesKept, fileSize, httpBodyBytes
    case httpBodyTimeout
    case httpConnections, httpConnectionsPerAddress, httpHeaderBytes, httpHeaderCount
    case httpHeaderTimeout, httpIdleTimeout, httpPipeline, httpTargetBytes, idempotencyDays
    case idempotencyEntries, jsonDepth, jsonNodes, listenRing, listenStreams, listenStreamsTotal
    case listenURIs, messageBody, messageCaption, outputBytes, resultBytes, resultFileBytes
    case sessionIdle, sessionReplayBytes, sessionReplayFrames, sessionsPerPrincipal
    case sessionsTotal, stateExpires, stateRounds, stdioLineBytes, taskLife, taskPoll
    case tasksPerPrincipal, tokensMax, uploadLife, uploadsOpen, waitPlain, waitTask, waitProgress
    case waitersPerPrincipal, waitersTotal

    private struct Row {
        let name: String
        let usual: Int
        /// Where the format ends, or this program; `nil` = nowhere.
        let most: Int?

        init(_ name: String, _ usual: Int, most: Int? = nil) {
            self.name = name
            self.usual = usual
            self.most = most
        }
    }

    /// Bytes and numbers as they are; times in the unit that MCP 14 gives: s, and ms for tasks.
    private var row: Row {
        switch self {
        case .auditDays: Row("audit.keep.days", 90)
        case .auditRecords: Row("audit.keep.records", 1_000_000)
        case .exchangeTimeout: Row("exchange.timeout", 30)
        case .exchangesInFlight: Row("exchange.in_flight.principal", 256)
        case .exchangesInFlightTotal: Row("exchange.in_flight.node", 4_096)
        case .feedDays: Row("feed.keep.days", 30)
        case .feedRows: Row("feed.keep.rows", 100_000)
        case .fileInline: Row("file.inline", 256 << 10, most: 256 << 10)
        case .filePart: Row("file.part", 256 << 10, most: 256 << 10)
        case .filesKept: Row("file.keep.bytes", 256 << 30)
        case .fileSize: Row("file.size", 25 << 20, most: 256 << 20)
        case .httpBodyBytes: Row("http.body_bytes", 4 << 20)
        case .httpBodyTimeout: Row("http.body_timeout", 30)
        case .httpConnections: Row("http.connections.total", 2_048)
        case .httpConnectionsPerAddress: Row("http.connections.per_address", 256)
        case .httpHeaderBytes: Row("http.header_bytes", 16 << 10)
        case .httpHeaderCount: Row("http.header_count", 100)
        case .httpHeaderTimeout: Row("http.header_timeout", 10)
        case .httpIdleTimeout: Row("http.idle_timeout", 75)
        case .httpPipeline: Row("http.pipeline", 16)
        case .httpTargetBytes: Row("http.target_bytes", 2 << 10)
        case .idempotencyDays: Row("idempotency.keep.days", 7)
        case .idempotencyEntries: Row("idempotency.keep.entries", 10_000)
        case .jsonDepth: Row("json.depth", 32, most: 512)
        case .jsonNodes: Row("json.nodes", 100_000)
        case .listenRing: Row("listen.ring", 1_024)
        case .listenStreams: Row("listen.streams.principal", 16)
        case .listenStreamsTotal: Row("listen.streams.node", 1_024)
        case .listenURIs: Row("listen.uris", 256)
        case .messageBody: Row("message.body", 16_384, most: 16_384)
        case .messageCaption: Row("message.caption", 16_384, most: 16_384)
        case .outputBytes: Row("out.buffer", 1 << 20)
        case .resultBytes: Row("result.bytes", 96_000)
        case .resultFileBytes: Row("result.file_bytes", 400_000)
        case .sessionIdle: Row("session.idle", 86_400)
        case .sessionReplayBytes: Row("session.replay.bytes", 1 << 20)
        case .sessionReplayFrames: Row("session.replay.frames", 256)
        case .sessionsPerPrincipal: Row("session.per_principal", 64)
        case .sessionsTotal: Row("session.total", 1_024)
        case .stateExpires: Row("state.expires", 600)
        case .stateRounds: Row("state.rounds", 5)
        case .stdioLineBytes: Row("stdio.line_bytes", 4 << 20)
        case .taskLife: Row("task.ttl", 3_600_000)
        case .taskPoll: Row("task.poll", 5_000)
        case .tasksPerPrincipal: Row("task.per_principal", 64)
        case .tokensMax: Row("tokens.max", 256)
        case .uploadLife: Row("upload.ttl", 3_600)
        case .uploadsOpen: Row("upload.open", 8)
        case .waitPlain: Row("wait.max_s.plain", 50)
        case .waitTask: Row("wait.max_s.task", 3_600)
        case .waitProgress: Row("wait.max_s.progress", 300)
        case .waitersPerPrincipal: Row("wait.waiters.principal", 16)
        case .waitersTotal: Row("wait.waiters.node", 1_024)
        }
    }

    package var name: String { row.name }
    package var usual: Int { row.usual }

    /// What may be chosen. Beyond eight times the usual a node can be made to use memory or time
    /// for strangers that its owner did not think of, so that takes a word (`--i-know`).
    package func range(knowing: Bool) -> ClosedRange<Int> {
        let most = knowing ? 1_000 * usual : 8 * usual
        return 1...min(most, row.most ?? most)
    }

    package static func named(_ name: String) -> OperatorLimit? {
        allCases.first { $0.name == name }
    }

    // In force

    private static let choice = Locked<[OperatorLimit: Int]>([:])

    /// Indexed by raw value; made at the first use of any.
    private static let inForce: [Int] = choice.withLock { chosen in
        allCases.map { chosen[$0] ?? $0.usual }
    }

    package var value: Int { Self.inForce[rawValue] }

    /// Sets bounds that differ from the usual ones; call once, before anything reads one.
    ///
    /// - Returns: whether they are in force; not when some bound was used before.
    package static func choose(_ values: [OperatorLimit: Int]) -> Bool {
        choice.withLock { $0 = values }
        return values.allSatisfy { $0.key.value == $0.value }
    }
}

extension Milliseconds {
    /// A bound in seconds.
    package static func seconds(_ limit: OperatorLimit) -> Self {
        .seconds(UInt64(limit.value))
    }

    package static func days(_ limit: OperatorLimit) -> Self {
        .seconds(UInt64(limit.value) * 86_400)
    }
}
