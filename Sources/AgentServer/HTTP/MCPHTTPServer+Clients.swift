import PeerNet
import PeerState

// Bytes in and out.
extension MCPHTTPServer {
    func received(_ bytes: [UInt8], _ id: UInt64) {
        guard let client = clients[id] else { return }
        switch client.mode {
        case .undecided:
            client.mode = bytes.first == UInt8(ascii: "{") ? .hello(LineSplitter()) : .http
            received(bytes, id)
        case .http: handle(.bytes(bytes), id)
        case .hello(var lines):
            let found = lines.push(bytes)
            client.mode = .hello(lines)
            hello(found, client, id)
        case .lines(let session): session.assumeIsolated { $0.receive(bytes) }
        }
    }

    func inputEnded(_ id: UInt64) {
        guard let client = clients[id] else { return }
        switch client.mode {
        case .http: handle(.endOfInput, id)
        case .undecided, .hello: client.stream.close()
        case .lines(let session):
            // Who ends its input still waits for its answers; a node that stops does not.
            let limit = isDraining ? Limits.drainTimeout : Limits.exchangeTimeout
            own { _ in
                await session.finish(within: limit)
                await self.finish(id)
            }
        }
    }

    private func finish(_ id: UInt64) {
        guard let client = clients[id] else { return }
        flushLines(client, untilFull: false)
        client.stream.finish()
    }

    func tick(_ id: UInt64, _ now: Instant) {
        guard let client = clients[id] else { return }
        if let since = client.stuckSince, now >= since + Limits.httpStuckTimeout {
            log.log(.info, "a client does not read its answers; its connection is closed")
            return client.stream.close()
        }
        if case .http = client.mode { handle(.tick, id) }
    }

    private func handle(_ input: HTTPConnection.Input, _ id: UInt64) {
        guard let client = clients[id] else { return }
        let effects = client.core.handle(input, now: loop.now) { head in
            self.admit(head, client)
        }
        perform(effects, client, id)
    }

    func perform(_ effects: [HTTPConnection.Effect], _ client: HTTPClient, _ id: UInt64) {
        for effect in effects {
            switch effect {
            case .write(let bytes): write(bytes, client)
            case .finish: client.stream.finish()
            case .begin(let request): begin(request, client, id)
            case .abandoned: abandon(client, id)
            case .refused(let code):
                metrics.refused[code.word, default: 0] += 1
                metrics.count(status: code.status)
            case .pauseReading: client.stream.pauseReading()
            case .resumeReading: if client.stuckSince == nil { client.stream.resumeReading() }
            }
        }
    }

    func write(_ bytes: [UInt8], _ client: HTTPClient) {
        client.stream.write(bytes)
        guard client.stream.queuedBytes > Limits.httpOutputBytes, client.stuckSince == nil
        else { return }
        client.stuckSince = loop.now
        client.stream.pauseReading()
    }

    func drained(_ id: UInt64) {
        guard let client = clients[id] else { return }
        client.stuckSince = nil
        flushLines(client)
        if client.stuckSince == nil { client.stream.resumeReading() }
        if let reply = client.reply { flushWaiting(reply) }
    }

    /// Answers the request that a connection waits for.
    func answer(_ id: UInt64, _ response: HTTPResponse) {
        guard let client = clients[id] else { return }
        client.reply = nil
        let effects = client.core.answer(dressed(response, client), now: loop.now) { head in
            self.admit(head, client)
        }
        perform(effects, client, id)
        finishIfDraining(client)
    }

    func beginStream(_ id: UInt64, _ fields: [HTTPHead.Field]) {
        guard let client = clients[id] else { return }
        let response = HTTPResponse(200, ServerSentEvent.fields + fields)
        perform(client.core.beginStream(dressed(response, client)), client, id)
    }

    func send(_ id: UInt64, _ bytes: [UInt8]) {
        guard let client = clients[id] else { return }
        perform(client.core.send(bytes), client, id)
    }

    func endStream(_ id: UInt64) {
        guard let client = clients[id] else { return }
        client.reply = nil
        let effects = client.core.endStream(now: loop.now) { self.admit($0, client) }
        perform(effects, client, id)
        finishIfDraining(client)
    }

    private func finishIfDraining(_ client: HTTPClient) {
        if isDraining && client.reply == nil { client.stream.finish() }
    }

    /// Adds what every response carries.
    func dressed(_ response: HTTPResponse, _ client: HTTPClient) -> HTTPResponse {
        metrics.count(status: response.status)
        var response = response.with("Date", dateText())
        if let head = client.head { response.fields += client.gate.crossOrigin(head) }
        return response
    }

    private func dateText() -> String {
        let now = SystemClock.wallMilliseconds()
        if date.second != now / 1_000 { date = (now / 1_000, Calendar.httpDate(now)) }
        return date.text
    }

    /// Lets a connection end once it owes nothing.
    func drain(_ client: HTTPClient, _ id: UInt64) {
        switch client.mode {
        case .undecided, .hello: client.stream.close()
        case .http: if client.reply == nil { client.stream.finish() }
        case .lines: inputEnded(id)
        }
    }

    /// Closes what belongs to a principal that may do nothing any more.
    func closeClients(of principal: String) {
        for client in clients.values where client.access?.principal == principal {
            client.stream.finish()
        }
    }
}

extension Calendar {
    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
    static func httpDate(_ milliseconds: UInt64) -> String {
        let days = Int64(milliseconds / millisecondsPerDay)
        let date = date(days: days)
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let day = date.day < 10 ? "0\(date.day)" : "\(date.day)"
        let time = seconds(milliseconds).dropFirst(11).dropLast()
        return "\(names[Int(days % 7)]), \(day) \(months[Int(date.month) - 1]) \(date.year) "
            + "\(time) GMT"
    }
}
