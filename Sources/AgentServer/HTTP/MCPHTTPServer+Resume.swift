import PeerNet
import PeerNode
import PeerState

// Going on with the legacy sessions of an earlier process (MCP 11, N3).
extension MCPHTTPServer {
    func restoreSessions(_ rows: [SessionRow]) async throws {
        for row in rows.prefix(Limits.sessionsTotal) {
            guard let access = access(of: row.principal),
                let session = LegacySession(row, access)
            else { continue }
            session.log = try await store.streams(of: row.key)
            session.hasListened = session.log.hasStood
            sessions[row.key] = session
            for open in session.log.unfinished { goOn(open.stream, open.requests, of: session) }
            if !session.subscriptions.isEmpty || session.hasListened { beginListening(session) }
        }
    }

    /// Waits on streams of sessions are not answered by a process that ends: the next goes on.
    func leaveStreamsToTheNext() {
        for (number, flight) in flights.sorted(by: { $0.key < $1.key }) where flight.isLong {
            guard let reply = replies[flight.reply], reply.session != nil, reply.isStreaming,
                reply.remaining == 1
            else { continue }
            flights[number] = nil
            _ = flight.exchange.close()
            flight.task?.cancel()
            replies[flight.reply] = nil
            guard let id = reply.client else { continue }
            send(id, ServerSentEvent.retry(milliseconds: Limits.streamRetry))
            endStream(id)
        }
    }

    /// Waits are registered again; other calls are answered with what became of them.
    private func goOn(_ stream: Int, _ requests: [SessionRequest], of session: LegacySession) {
        counter += 1
        let number = counter
        var reply = HTTPReply(
            client: nil, principal: session.access.principal, isModern: false, now: loop.now)
        reply.session = session.key
        reply.stream = stream
        reply.isStreaming = true
        reply.remaining = requests.count + 1
        replies[number] = reply
        session.attached[stream] = number
        for request in requests {
            if let wait = request.wait {
                waitAgain(wait, request.id, number, in: session)
            } else {
                let error = MCPError(
                    .internalError, "interrupted",
                    data: ["fix": "The node was restarted. Look what became of it, then repeat."])
                complete(number, MCPFrame.answer(request.id, .error(error)), status: 200)
            }
        }
        settle(number)
    }

    private func waitAgain(
        _ wait: SessionRequest.Wait, _ id: MCPRequestID, _ number: UInt64,
        in session: LegacySession
    ) {
        var params = JSONObject()
        if let token = wait.progressToken {
            params.append("_meta", ["progressToken": token])
        }
        let admission = MCPAdmission(
            .callTool(name: WaitTool.waitForMessages.name, arguments: wait.arguments),
            session.revision, params, capabilities: session.frontEnd.capabilities,
            logLevel: session.frontEnd.logLevel ?? .debug, client: session.frontEnd.client)
        start(id, admission, session.access, number, in: session, begunAt: wait.begunAt)
    }
}
