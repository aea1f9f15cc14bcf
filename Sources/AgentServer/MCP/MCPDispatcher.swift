package import PeerNode
package import PeerState

/// Carries admitted requests out: method to handler, limits, and output for the revision.
///
/// - Isolation: the loop; it knows nothing of transports.
package actor MCPDispatcher {
    private struct CacheKey: Hashable {
        let kind: String
        let revision: MCPRevision
        let access: Access
    }

    let port: any AgentPort
    package nonisolated let configuration: AgentServerConfiguration
    let log: Log
    private nonisolated let executor: any SerialExecutor
    nonisolated let turnstile = Turnstile()
    private var encoded: [CacheKey: [UInt8]] = [:]
    var limiter: RateLimiter
    /// Unread direct messages and mentions as each principal was last told.
    var unreadTold: [String: [Int]] = [:]
    /// Seals what questions carry to their answers.
    var stateKey: SecretBytes?
    /// Request states that were used, and when they end.
    var spentStates: [String: UInt64] = [:]
    /// Where calls are recorded; `nil` = nowhere.
    var audit: AgentStore?
    private var listenStreams: [String: Int] = [:]
    /// What stands in place of the node's tools, prompts and resources; `nil` = nothing.
    var offer: (any MCPOffer)?
    var noticeReaders: [UInt64: AsyncStream<Notice>.Continuation] = [:]
    var noticeCounter: UInt64 = 0
    var tasks: [String: TaskEntry] = [:]
    /// The last write about tasks; they follow each other.
    var taskWriting: Task<Void, Never>?
    var tasksArePaused = false

    /// What cursors of this node carry.
    package nonisolated var storeTag: UInt32 { port.storeTag }
    nonisolated var loopExecutor: any SerialExecutor { executor }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    package init(
        port: any AgentPort, executor: any SerialExecutor,
        configuration: AgentServerConfiguration, log: Log
    ) {
        self.port = port
        self.executor = executor
        self.configuration = configuration
        self.log = log
        limiter = RateLimiter(configuration.rates)
    }

    /// Answers what needs nothing from the node, without waiting; `nil` for everything else.
    package func answerNow(_ admission: MCPAdmission, _ access: Access) -> MCPAnswer? {
        let revision = admission.revision
        if offer != nil && admission.method.isOffered { return nil }
        switch admission.method {
        case .ping, .setLogLevel: return .encoded(Array("{}".utf8))
        case .initialize: return .result(introduction(revision, access))
        case .discover:
            return cached("discover", revision, access) { introduction(revision, access) }
        case .listTools:
            return cached("tools", revision, access) {
                let tools = MCPToolCatalog.tools(for: access).map { $0.json(for: revision) }
                return complete(["tools": .array(tools)], revision, .list)
            }
        case .listResourceTemplates:
            return cached("templates", revision, access) {
                let scope = ResourceScope(access)
                let templates = (ResourceCatalog.templates(for: revision).array ?? [])
                    .filter { scope.admits($0["uriTemplate"]?.string ?? "") }
                return complete(["resourceTemplates": .array(templates)], revision, .list)
            }
        case .listPrompts:
            return cached("prompts", revision, access) {
                let prompts = PromptCatalog.prompts(for: access).map { $0.json(for: revision) }
                return complete(["prompts": .array(prompts)], revision, .list)
            }
        default: return nil
        }
    }

    private func introduction(_ revision: MCPRevision, _ access: Access) -> JSON {
        configuration.introduction(revision, pushes: access.pushes)
    }

    private func cached(
        _ kind: String, _ revision: MCPRevision, _ access: Access, _ make: () -> JSON
    ) -> MCPAnswer {
        var access = access
        access.principal = ""  // Who asks decides nothing; so the cache stays small.
        let key = CacheKey(kind: kind, revision: revision, access: access)
        if let bytes = encoded[key] { return .encoded(bytes) }
        let bytes = make().encoded
        encoded[key] = bytes
        return .encoded(bytes)
    }

    /// Answers a request that may take time.
    ///
    /// - Parameter listener: of a legacy session, which keeps its subscriptions.
    package func answer(_ exchange: MCPExchange, listener: Listener?) async -> MCPAnswer {
        do {
            if audit != nil, offer == nil, let answer = try await audited(exchange) {
                return answer
            }
            return .result(try await result(exchange, listener))
        } catch let error as MCPError {
            return .error(error)
        } catch is CancellationError {
            // Whoever asked has left or was answered already: this is for nobody.
            return .error(MCPError(.unavailable, "The request was cancelled."))
        } catch {
            return .error(await internalError(error))
        }
    }

    func result(
        _ exchange: MCPExchange, _ listener: Listener?
    ) async throws -> JSON {
        if let offer, let result = try await answer(offer, exchange) { return result }
        let revision = exchange.revision
        var call = call(exchange.access, exchange)
        call.audit = audit
        if case .callTool(let name, let arguments) = exchange.admission.method {
            return try await callTool(name, arguments, call, revision)
        }
        return try await read(exchange, call, listener)
    }

    /// Apart from calls, whose waits would hold what everything here takes.
    @inline(never)
    private func read(
        _ exchange: MCPExchange, _ call: ToolCall, _ listener: Listener?
    ) async throws -> JSON {
        let revision = exchange.revision
        switch exchange.admission.method {
        case .readResource(let uri): return try await read(uri, call, revision)
        case .listResources:
            let scope = ResourceScope(exchange.access)
            let items = try await ResourceCatalog.list(call, for: revision)
                .filter { scope.admits($0["uri"]?.string ?? "") }
            return complete(["resources": .array(items)], revision, .list)
        case .getPrompt(let name, let arguments):
            return try await prompt(name, arguments, call, revision)
        case .complete(let asked): return try await completion(asked, call, revision)
        default: return try await answerAboutListening(exchange, listener)
        }
    }

    private func answerAboutListening(
        _ exchange: MCPExchange, _ listener: Listener?
    ) async throws -> JSON {
        let revision = exchange.revision
        let access = exchange.access
        switch exchange.admission.method {
        case .subscribe(let uri):
            guard await listener?.add(uri) ?? false else { throw Self.notFound(uri, revision) }
            return [:]
        case .unsubscribe(let uri):
            await listener?.remove(uri)
            return [:]
        case .listen(let filter): return try await listen(filter, exchange)
        case .getTask(let id): return try answer(getTask: id, access, revision)
        case .cancelTask(let id): return try await answer(cancelTask: id, access, revision)
        case .updateTask(let id, let responses):
            return try await answer(updateTask: id, responses, access, revision)
        default: preconditionFailure("answered by answerNow")
        }
    }

    /// A bug: the log says what happened, the client only where to look.
    func internalError(_ error: any Error) async -> MCPError {
        let reference = await port.entropy(4).hex
        let word = (error as? any CodedError)?.word ?? String(describing: type(of: error))
        log.log(.error, "internal error \(reference): \(word)")
        return MCPError(.internalError, "Internal error", data: ["ref": .string(reference)])
    }

    static func notFound(
        _ uri: String, _ revision: MCPRevision, _ message: String = "Resource not found"
    ) -> MCPError {
        MCPError(
            revision.isModern ? .invalidParams : .resourceNotFound, message,
            data: ["uri": .string(uri)])
    }

    /// Takes a place among the listen streams of a principal.
    ///
    /// - Errors: `rateLimited`.
    func beginListening(_ principal: String) throws {
        let count = listenStreams[principal] ?? 0
        let total = listenStreams.values.reduce(0, +)
        guard count < Limits.listenStreams, total < Limits.listenStreamsTotal else {
            throw MCPError(
                .rateLimited, "Too many listen streams; end one first.",
                data: ["retry_after_ms": 1_000])
        }
        listenStreams[principal] = count + 1
    }

    func endListening(_ principal: String) {
        let left = (listenStreams[principal] ?? 1) - 1
        listenStreams[principal] = left > 0 ? left : nil
    }

    nonisolated func newWatch(
        _ call: ToolCall, announce: @escaping @Sendable (ResourceWatch.Announcement) -> Void
    ) -> ResourceWatch {
        ResourceWatch(call: call, executor: executor, announce: announce)
    }
}
