import PeerNode
package import PeerState

/// One pipe with one client: lines in, frames out, and every request that is under way.
///
/// - Isolation: the loop. A transport that already runs there enters with `assumeIsolated`.
/// - Bound: `Limits.exchangesInFlight` requests at a time.
package actor StdioSession {
    /// A request under way, owned by this pipe.
    private struct Flight {
        let exchange: MCPExchange
        let batch: UInt64?
        var task: Task<Void, Never>?
        /// Ticks of the timeout clock it has lived through.
        var age = 0

        var isLong: Bool { exchange.admission.method.isLong }
    }

    /// Answers to one JSON array, which go out together.
    private struct Batch {
        var remaining: Int
        var frames: [[UInt8]] = []
    }

    let dispatcher: MCPDispatcher
    private(set) var access: Access
    private let transport: String
    private let executor: any SerialExecutor
    private let write: @Sendable ([UInt8]) -> Void
    private var lines: LineSplitter
    private var frontEnd: MCPPipeFrontEnd
    private var flights: [UInt64: Flight] = [:]
    /// Requests whose task has not ended, those that were cancelled included: who cancels may not
    /// have more done at once than who waits.
    private var running = 0
    private var batches: [UInt64: Batch] = [:]
    private var counter: UInt64 = 0
    private var clock: Task<Void, Never>?
    private var listener: Listener?
    private var listening: Task<Void, Never>?
    private var pushing: Task<Void, Never>?
    private var isEnding = false
    private var idle: [CheckedContinuation<Void, Never>] = []

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - reception: what was said before; `goOn` handles what it left over.
    ///   - write: takes one whole frame with its line break, in order, on the loop.
    init(
        dispatcher: MCPDispatcher, executor: any SerialExecutor, access: Access,
        transport: String = "stdio", after reception: MCPReception? = nil,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        frontEnd = reception?.frontEnd ?? MCPPipeFrontEnd()
        lines = reception?.lines ?? LineSplitter()
        self.dispatcher = dispatcher
        self.executor = executor
        self.access = access
        self.transport = transport
        self.write = write
    }

    /// Takes what arrived on the pipe; what can be answered at once is.
    package func receive(_ bytes: [UInt8]) {
        for line in lines.push(bytes) { handle(line) }
    }

    /// Takes what the reception did not answer.
    package func goOn(after reception: MCPReception) {
        for line in reception.waiting { handle(line) }
    }

    /// Goes on under other rights; its listeners are told by the dispatcher.
    package func change(to access: Access) { self.access = access }

    /// Ends waits and listen streams; other requests may still answer until `finish` gives up.
    package func endOfInput() {
        guard !isEnding else { return }
        for line in lines.end() { handle(line) }
        isEnding = true
        listening?.cancel()
        pushing?.cancel()
        for (number, flight) in flights where flight.isLong {
            if case .listen = flight.exchange.admission.method {
                flight.task?.cancel()  // It answers with its graceful end.
            } else {
                cancel(number)
            }
        }
    }

    /// Returns when nothing is under way any more; what takes longer than `limit` is not answered.
    package func finish(within limit: Milliseconds = Limits.finishTimeout) async {
        endOfInput()
        if !flights.isEmpty {
            let timer = Task {
                do {
                    try await dispatcher.port.sleep(limit)
                } catch {
                    return  // Cancelled: everything ended in time.
                }
                for number in Array(flights.keys) { cancel(number) }
            }
            await withCheckedContinuation { idle.append($0) }
            timer.cancel()
        }
        clock?.cancel()
    }

    private func send(_ frame: [UInt8]) {
        write(frame + [0x0A])
    }
}

// Messages in.
extension StdioSession {
    private func handle(_ line: LineSplitter.Line) {
        guard case .frame(let bytes) = line else {
            return refuse(MCPError(.parseError, "Line too long"))
        }
        let parsed: (value: JSON, idRange: Range<Int>?)
        do {
            parsed = try JSON.parsing(bytes)
        } catch {
            return refuse(MCPError(.parseError, "Parse error: \(error)"))
        }
        if let items = parsed.value.array { return handle(batch: items) }
        let rawID = parsed.idRange.map { Array(bytes[$0]) }
        handle(MCPMessage(parsed.value, rawID: rawID), batch: nil)
    }

    private func refuse(_ error: MCPError) {
        send(MCPFrame.error(error, revision: frontEnd.revision))
    }

    private func handle(batch items: [JSON]) {
        guard frontEnd.revision?.hasBatches ?? false else {
            return refuse(MCPError(.invalidRequest, "Arrays of messages are not accepted."))
        }
        guard !items.isEmpty else {
            return refuse(MCPError(.invalidRequest, "An empty array asks nothing."))
        }
        counter += 1
        let number = counter
        // One more than there are messages, so that it stays open until all are begun.
        batches[number] = Batch(remaining: 1)
        for item in items { handle(MCPMessage(item), batch: number) }
        settle(number, nil)
    }

    private func handle(_ message: MCPMessage, batch: UInt64?) {
        if let batch { batches[batch]?.remaining += 1 }
        switch message {
        case .request(let request):
            do throws(MCPError) {
                start(request.id, try frontEnd.admit(request), batch)
            } catch {
                reply(MCPFrame.answer(request.id, .error(error)), batch)
            }
        case .notification(let method, let params):
            handle(notification: method, params)
            reply(nil, batch)
        case .response(let json):
            _ = flights.values.first { $0.exchange.take(response: json) }
            reply(nil, batch)
        case .ignored: reply(nil, batch)
        case .invalid(let id?, let error):
            reply(MCPFrame.answer(id, .error(error)), batch)
        case .invalid(nil, let error):
            reply(MCPFrame.error(error, revision: frontEnd.revision), batch)
        }
    }

    private func handle(notification method: String, _ params: JSONObject) {
        switch method {
        case "notifications/cancelled":
            guard let id = params["requestId"].flatMap({ MCPRequestID($0) }),
                let number = flights.first(where: { $0.value.exchange.id == id })?.key
            else { return }
            cancel(number)
        case "notifications/initialized":
            if frontEnd.isLegacy { beginListening() }
        default: break
        }
    }
}

// Requests under way.
extension StdioSession {
    private func start(_ id: MCPRequestID, _ admission: MCPAdmission, _ batch: UInt64?) {
        let access = access
        let now = dispatcher.assumeIsolated { $0.answerNow(admission, access) }
        if let now { return reply(MCPFrame.answer(id, now), batch) }
        guard running < Limits.exchangesInFlight else {
            let error = MCPError(
                .rateLimited, "Too many requests at once; wait for answers.",
                data: ["retry_after_ms": 100])
            return reply(MCPFrame.answer(id, .error(error)), batch)
        }
        if case .subscribe = admission.method { beginListening() }
        let write = write
        let exchange = MCPExchange(
            id: id, admission: admission, access: access, transport: transport
        ) { part in
            if case .frame(let frame) = part { write(frame + [0x0A]) }
        }
        counter += 1
        let number = counter
        flights[number] = Flight(exchange: exchange, batch: batch)
        running += 1
        startClock()
        let task = Task.immediate { await run(exchange, number) }
        flights[number]?.task = task
    }

    private func run(_ exchange: MCPExchange, _ number: UInt64) async {
        let answer = await dispatcher.answer(exchange, listener: listener)
        running -= 1
        // Cancelled requests have left already and get no answer.
        guard exchange.close(), let flight = flights.removeValue(forKey: number) else { return }
        reply(MCPFrame.answer(exchange.id, answer), flight.batch)
        wakeIdle()
    }

    /// Ends a request without an answer.
    private func cancel(_ number: UInt64) {
        guard let flight = flights.removeValue(forKey: number) else { return }
        _ = flight.exchange.close()
        flight.task?.cancel()
        reply(nil, flight.batch)
        wakeIdle()
    }

    private func wakeIdle() {
        guard flights.isEmpty else { return }
        for waiting in idle { waiting.resume() }
        idle = []
    }

    /// Sends an answer, or keeps it until its array is complete.
    private func reply(_ frame: [UInt8]?, _ batch: UInt64?) {
        if let batch {
            settle(batch, frame)
        } else if let frame {
            send(frame)
        }
    }

    private func settle(_ number: UInt64, _ frame: [UInt8]?) {
        guard var batch = batches.removeValue(forKey: number) else { return }
        batch.remaining -= 1
        if let frame { batch.frames.append(frame) }
        guard batch.remaining == 0 else {
            batches[number] = batch
            return
        }
        guard !batch.frames.isEmpty else { return }
        send(
            [UInt8(ascii: "[")] + batch.frames.joined(separator: [UInt8(ascii: ",")]) + [
                UInt8(ascii: "]")
            ])
    }

    /// Runs only while something is under way, so that an idle process never wakes.
    private func startClock() {
        guard clock == nil else { return }
        let ticks = 3
        let tick = Milliseconds(Limits.exchangeTimeout.count / UInt64(ticks))
        clock = Task {
            defer { clock = nil }
            while !flights.isEmpty {
                do {
                    try await dispatcher.port.sleep(tick)
                } catch {
                    return  // The session ends.
                }
                for number in flights.keys.sorted() {
                    flights[number]?.age += 1
                    if flights[number]?.age ?? 0 > ticks { expire(number) }
                }
            }
        }
    }

    /// Answers for a request that took too long.
    private func expire(_ number: UInt64) {
        guard let flight = flights[number], !flight.isLong, !flight.exchange.isAsking,
            flight.exchange.close()
        else { return }
        flights[number] = nil
        flight.task?.cancel()
        let answer = dispatcher.assumeIsolated { $0.timedOut(flight.exchange.admission) }
        reply(MCPFrame.answer(flight.exchange.id, answer), flight.batch)
        wakeIdle()
    }
}

// Subscriptions of a legacy session.
extension StdioSession {
    private func beginListening() {
        guard listener == nil, !isEnding, let session = frontEnd.legacy else { return }
        let write = write
        let listener = Listener(dispatcher, access, .init(session)) { method, params in
            write(MCPFrame.notification(method, params.isEmpty ? nil : params) + [0x0A])
        }
        self.listener = listener
        listening = Task.immediate {
            await listener.open()
            await listener.relayEvents(to: session, access)
            await listener.run()
        }
        beginPushing()
    }

    /// One-line notices, where the owner of the node switched them on (MCP 6.6).
    private func beginPushing() {
        guard access.pushes else { return }
        let write = write
        let envelope = PushEnvelope(call: dispatcher.call(access)) { method, params in
            write(MCPFrame.notification(method, params) + [0x0A])
        }
        pushing = Task { await envelope.run() }
    }
}
