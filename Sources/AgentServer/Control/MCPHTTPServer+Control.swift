import PeerNet
import PeerNode
import PeerState

// What the owner's own commands ask through the socket file: tokens, and how things are.
extension MCPHTTPServer {
    func control(_ request: HTTPRequest, _ client: HTTPClient, _ id: UInt64) {
        guard client.access?.scope == .full else {
            return answer(id, .error(403, MCPError(.scopeDenied, "This is for the owner only.")))
        }
        let path = request.head.path
        if path == "/control/status" { return own { await $0.answerStatus(id) } }
        if path == "/control/backup" { return own { await $0.copyDatabases(request.body, id) } }
        if path == "/control/events" { return own { await $0.answerEvents(request.body, id) } }
        if path.hasPrefix(Self.filesPath) {
            let rest = path.dropFirst(Self.filesPath.count)
            return own { await $0.answerFileBytes(rest, id) }
        }
        if path.hasPrefix(Self.uploadsPath) {
            let rest = path.dropFirst(Self.uploadsPath.count)
            return own { await $0.takeFileBytes(rest, request.body, id) }
        }
        if path.hasPrefix("/control/hooks") { return control(hooks: request, id) }
        switch request.head.method {
        case "GET": answer(id, Self.json(200, ["tokens": tokenList]))
        case "POST": own { await $0.createToken(request.body, id) }
        default:
            let token = String(path.split(separator: "/").last ?? "")
            own { await $0.revokeToken(token, id) }
        }
    }

    private static func json(_ status: Int, _ object: JSONObject) -> HTTPResponse {
        .json(status, JSON.object(object).encoded)
    }

    private static func problem(_ status: Int, _ error: any CodedError) -> HTTPResponse {
        json(status, ["error": ["code": .string(error.word), "message": .string(error.detail)]])
    }

    private func answerStatus(_ id: UInt64) async {
        let port = dispatcher.port
        let inbox = await port.inbox(principal: "stdio", channels: nil, messagesPerChannel: 0)
        let servers = await port.servers().map { server -> JSON in
            [
                "id": .string(server.id.hex), "name": .string(server.name),
                "members": JSON(server.memberCount), "level": .string(server.level),
                "direct": .bool(server.isDirect),
            ]
        }
        let connection = await port.connection()
        var object: JSONObject = [
            "peer_id": .string(port.peerID.hex),
            "uptime_s": JSON(loop.now.milliseconds(since: startedAt) / 1_000),
            "listening": JSON(connection.listening), "peers": JSON(connection.links.count),
            "queue": .object(connection.queue), "servers": .array(servers),
            "unread": JSON(inbox.unread), "mentions": JSON(inbox.mentions),
            "clients": JSON(clients.count), "sessions": JSON(sessions.count),
            "tokens": JSON(liveTokens),
        ]
        let reach = await port.reach()
        object.append("relay", reach.relayJSON)
        object.append("sync", reach.syncJSON)
        reach.appendNumbers(to: &object)
        if let address { object.append("url", .string("http://\(address)/mcp")) }
        answer(id, Self.json(200, object))
    }

    private var tokenList: JSON {
        .array(
            book.rows.map { row in
                var row = row
                row.lastUsedAt = usedTokens[row.id] ?? row.lastUsedAt
                return .object(row.json)
            })
    }

    var liveTokens: Int { book.liveCount(at: SystemClock.wallMilliseconds()) }

    private func createToken(_ body: [UInt8], _ id: UInt64) async {
        do {
            guard let order = try TokenOrder(JSON(parsing: body)) else {
                throw TokenFailure(.badToken, "a label and a scope are needed")
            }
            var entropy = Entropy.system
            let now = SystemClock.wallMilliseconds()
            let made = try TokenDesk.make(order, in: book, now: now, &entropy)
            try await store.put(made.row)
            book.put(made.row)
            record([
                "event": "token_create", "principal": "owner", "token_id": .string(made.row.id),
            ])
            var object = made.row.json
            object.append("token", .string(made.text))
            answer(id, Self.json(200, object))
        } catch let failure as any CodedError {
            answer(id, Self.problem(400, failure))
        } catch {
            answer(id, HTTPResponse(500))
        }
    }

    private func revokeToken(_ token: String, _ id: UInt64) async {
        do {
            try await revoke(token)
            answer(id, HTTPResponse(204))
        } catch let failure as TokenFailure {
            answer(id, Self.problem(404, failure))
        } catch {
            answer(id, HTTPResponse(500))
        }
    }

    /// Ends a token and everything it has open: streams, waits and sessions.
    ///
    /// - Errors: `unknownToken`; those of the store.
    package func revoke(_ id: String) async throws {
        guard var row = book.row(id), row.revokedAt == nil else {
            throw TokenFailure(.unknownToken, "no token \(id) that works")
        }
        row.revokedAt = SystemClock.wallMilliseconds()
        book.put(row)
        end(id)
        try await store.put(row)
        record(["event": "token_revoke", "token_id": .string(id)])
    }

    func revokeQuietly(_ id: String) async {
        do {
            try await revoke(id)
        } catch {
            log.log(.error, "token \(id) is revoked in memory only: \(error)")
        }
    }

    /// A token's time ends also what it has open.
    func endExpired() {
        let now = SystemClock.wallMilliseconds()
        let busy = Set(clients.values.compactMap { $0.access?.principal }).union(pipes.keys)
        for row in book.rows where row.revokedAt == nil && !row.isLive(at: now) {
            if busy.contains(row.id) { end(row.id, because: "expired") }
        }
        endExpiredIssued(at: now)
    }

    /// Ends what a principal has open.
    ///
    /// - Parameter forGood: whether its sessions and tasks end, too.
    func end(_ principal: String, because reason: String = "invalid", forGood: Bool = true) {
        var ending: [Task<Void, Never>] = []
        if let pipe = pipes.removeValue(forKey: principal) { end(pipe, of: principal) }
        for (number, flight) in flights.sorted(by: { $0.key < $1.key })
        where flight.exchange.access.principal == principal {
            if case .listen = flight.exchange.admission.method {
                flight.task?.cancel()  // It answers with its graceful end.
                if let task = flight.task { ending.append(task) }
            } else {
                answer(number, with: Self.unauthorizedError(reason))
            }
        }
        let mine = sessions.values.filter { $0.access.principal == principal }
        if forGood {
            forget(mine)
            own { await $0.dispatcher.endTasks(of: principal) }
        } else {
            for session in mine { endStandingStreams(of: session.key) }
        }
        // The graceful ends leave first; then nothing more is accepted.
        let last = ending
        own { server in
            await Task.yield()
            for task in last { await task.value }
            server.closeClients(of: principal)
        }
    }

    /// Nothing more is accepted from now on; whoever revoked it is answered before the end.
    private func end(_ pipe: TokenPipe, of principal: String) {
        pipe.change(.nothing(principal: principal))
        own { server in
            do {
                try await server.dispatcher.port.sleep(Limits.pipeEndPause)
            } catch {
                // The node stops, and the pipe with it.
            }
            pipe.end()
        }
    }

    /// Writes down when tokens were last used.
    func keepUsedTokens() async {
        let used = usedTokens
        usedTokens = [:]
        for (id, time) in used.sorted(by: { $0.key < $1.key }) {
            guard var row = book.row(id) else { continue }
            row.lastUsedAt = time
            book.put(row)
            do {
                try await store.put(row)
            } catch {
                log.log(.warning, "the last use of token \(id) is not kept: \(error)")
            }
        }
    }

    func record(_ facts: JSONObject) {
        store.append(AuditRecord(at: SystemClock.wallMilliseconds(), facts))
    }
}
