import PeerNet
import PeerState

// Requests under way.
extension MCPHTTPServer {
    func start(
        _ id: MCPRequestID, _ admission: MCPAdmission, _ access: Access, _ reply: UInt64,
        in session: LegacySession? = nil, begunAt: UInt64? = nil
    ) {
        let isModern = admission.revision.isModern
        let now = dispatcher.assumeIsolated { $0.answerNow(admission, access) }
        if let now {
            return complete(
                reply, MCPFrame.answer(id, now), status: MCPStatus.of(now, isModern: isModern))
        }
        if let error = crowded(access.principal) {
            replies[reply]?.retryAfter = MCPStatus.retryAfter(error)
            return complete(
                reply, MCPFrame.answer(id, .error(error)),
                status: MCPStatus.of(error.code, isModern: isModern))
        }
        let loop = loop
        let exchange = MCPExchange(
            id: id, admission: admission, access: access, transport: transport(of: reply),
            begunAt: begunAt
        ) { part in
            // Frames come from the loop, or from a task that reports progress beside it.
            loop.enter {
                self.assumeIsolated { server in
                    switch part {
                    case .frame(let frame): server.notify(reply, frame)
                    case .disconnect: server.leave(reply)
                    }
                }
            }
        }
        counter += 1
        let number = counter
        flights[number] = HTTPFlight(exchange: exchange, reply: reply, begun: loop.now)
        running += 1
        runningByPrincipal[access.principal, default: 0] += 1
        let task = Task.immediate { await run(exchange, number, session) }
        flights[number]?.task = task
    }

    private func transport(of reply: UInt64) -> String {
        let client = replies[reply]?.client.flatMap { clients[$0] }
        return client?.isLocalSocket == true ? "socket" : "http"
    }

    /// Work that nobody waits for any more counts until it has ended: who leaves or cancels has
    /// no more done at once than who stays.
    private func crowded(_ principal: String) -> MCPError? {
        if running >= Limits.exchangesInFlightTotal {
            return MCPError(.unavailable, "The node is busy; try again in a moment.")
        }
        guard runningByPrincipal[principal, default: 0] >= Limits.exchangesInFlight else {
            return nil
        }
        metrics.rateLimited += 1
        return MCPError(
            .rateLimited, "Too many requests at once; wait for answers.",
            data: ["retry_after_ms": 100])
    }

    private func run(
        _ exchange: MCPExchange, _ number: UInt64, _ session: LegacySession?
    ) async {
        let answer = await dispatcher.answer(exchange, listener: session?.listener)
        if let session { await note(exchange.admission.method, answer, in: session) }
        ended(exchange.access.principal)
        // Cancelled requests have left already and get no answer.
        guard exchange.close(), let flight = remove(number) else { return }
        let status = MCPStatus.of(answer, isModern: exchange.revision.isModern)
        if case .error(let error) = answer {
            replies[flight.reply]?.retryAfter = MCPStatus.retryAfter(error)
        }
        complete(flight.reply, MCPFrame.answer(exchange.id, answer), status: status)
    }

    /// Remembers a subscription before the client learns that it has it (MCP 11, N1).
    private func note(
        _ method: MCPMethod, _ answer: MCPAnswer, in session: LegacySession
    ) async {
        guard case .result = answer else { return }
        switch method {
        case .subscribe(let uri): session.subscriptions.insert(uri)
        case .unsubscribe(let uri): session.subscriptions.remove(uri)
        default: return
        }
        await keep(session.key)
    }

    private func ended(_ principal: String) {
        running -= 1
        let left = runningByPrincipal[principal, default: 1] - 1
        runningByPrincipal[principal] = left > 0 ? left : nil
    }

    private func remove(_ number: UInt64) -> HTTPFlight? { flights.removeValue(forKey: number) }

    /// Ends a request without an answer.
    func cancel(_ number: UInt64) {
        guard let flight = remove(number) else { return }
        _ = flight.exchange.close()
        flight.task?.cancel()
        settle(flight.reply)
    }

    /// Answers for a request that took too long.
    private func expire(_ number: UInt64) {
        guard let flight = flights[number], flight.exchange.close() else { return }
        _ = remove(number)
        flight.task?.cancel()
        let answer = dispatcher.assumeIsolated { $0.timedOut(flight.exchange.admission) }
        complete(flight.reply, MCPFrame.answer(flight.exchange.id, answer), status: 200)
    }

    /// Ends a request with an error, whatever it is doing.
    func answer(_ number: UInt64, with error: MCPError) {
        guard let flight = flights[number], flight.exchange.close() else { return }
        _ = remove(number)
        flight.task?.cancel()
        let status = MCPStatus.of(error.code, isModern: flight.exchange.revision.isModern)
        complete(
            flight.reply, MCPFrame.answer(flight.exchange.id, .error(error)), status: status)
    }

    func expireFlights(_ now: Instant) {
        for (number, flight) in flights.sorted(by: { $0.key < $1.key })
        where !flight.isLong && !flight.exchange.isAsking
            && now >= flight.begun + Limits.exchangeTimeout
        {
            expire(number)
        }
    }

    /// The client of a connection is gone. Leaving cancels in the modern era only (MCP 2.2 H5,
    /// 2.4 L5).
    func abandon(_ client: HTTPClient, _ id: UInt64) {
        if case .lines(let session) = client.mode {
            own { _ in await session.finish() }
        }
        guard let number = client.reply, var reply = replies[number] else { return }
        client.reply = nil
        reply.client = nil
        reply.ring.clear()
        replies[number] = reply
        // What a legacy client did not read is in the log of its session.
        guard reply.session == nil else { return endIfSent(number) }
        for (flight, value) in flights where value.reply == number { cancel(flight) }
        replies[number] = nil
    }

    func take(response: JSON, in session: LegacySession) {
        for flight in flights.values where replies[flight.reply]?.session == session.key {
            if flight.exchange.take(response: response) { return }
        }
    }

    func handle(notification method: String, _ params: JSONObject, in session: LegacySession) {
        switch method {
        case "notifications/initialized": beginListening(session)
        case "notifications/cancelled":
            guard let id = params["requestId"].flatMap({ MCPRequestID($0) }) else { return }
            let found = flights.first { _, flight in
                flight.exchange.id == id && replies[flight.reply]?.session == session.key
            }
            if let number = found?.key { cancel(number) }
        default: break
        }
    }
}
