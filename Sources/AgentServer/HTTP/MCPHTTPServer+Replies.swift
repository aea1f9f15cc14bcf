import PeerNet
import PeerNode
import PeerState

// Answers and streams.
extension MCPHTTPServer {
    func newReply(
        _ client: HTTPClient, _ id: UInt64, isModern: Bool, session: LegacySession? = nil
    ) -> UInt64 {
        counter += 1
        var reply = HTTPReply(
            client: id, principal: client.access?.principal ?? "", isModern: isModern,
            now: loop.now)
        reply.session = session?.key
        replies[counter] = reply
        client.reply = counter
        return counter
    }

    /// Sends a notification on the stream of a request, which begins with the first.
    func notify(_ number: UInt64, _ frame: [UInt8]) {
        guard replies[number] != nil else { return }
        beginStream(of: number)
        emit(number, frame)
    }

    /// Lets the connection of a legacy stream go; the client comes back for the rest.
    func leave(_ number: UInt64) {
        guard replies[number]?.session != nil else { return }
        beginStream(of: number)
        replies[number]?.isLeaving = true
        leaveIfSaid(number)
    }

    func leaveIfSaid(_ number: UInt64) {
        guard let reply = replies[number], reply.isLeaving, let stream = reply.stream,
            let session = reply.session.flatMap({ sessions[$0] }), !session.log.isStoring(stream)
        else { return }
        replies[number]?.isLeaving = false
        guard let id = reply.client else { return }
        send(id, ServerSentEvent.retry(milliseconds: Limits.streamRetry))
        replies[number]?.client = nil
        endStream(id)
    }

    /// Adds an answer; the last one ends the reply.
    func complete(_ number: UInt64, _ frame: [UInt8], status: Int) {
        guard let reply = replies[number] else { return }
        if reply.isStreaming {
            emit(number, frame)
        } else {
            replies[number]?.answers.append(frame)
            replies[number]?.status = status
        }
        settle(number)
    }

    /// One answer fewer is to come.
    func settle(_ number: UInt64) {
        guard var reply = replies[number] else { return }
        reply.remaining -= 1
        reply.isComplete = reply.remaining <= 0
        replies[number] = reply
        if reply.isStreaming { noteRequests(of: number) }
        guard reply.isComplete else { return }
        if reply.isStreaming { return endIfSent(number) }
        replies[number] = nil
        guard let id = reply.client else { return }
        answer(id, response(reply))
    }

    private func response(_ reply: HTTPReply) -> HTTPResponse {
        guard !reply.answers.isEmpty else { return HTTPResponse(202, reply.fields) }
        var body: [UInt8] = reply.answers[0]
        if reply.isArray {
            body = [UInt8(ascii: "[")] + reply.answers.joined(separator: [UInt8(ascii: ",")])
            body.append(UInt8(ascii: "]"))
        }
        var response = HTTPResponse.json(reply.isArray ? 200 : reply.status, body)
        response.fields += reply.fields
        if let wait = reply.retryAfter { response = response.with("Retry-After", wait) }
        return response
    }

    /// Commits a reply to being a stream.
    func beginStream(of number: UInt64) {
        guard var reply = replies[number], !reply.isStreaming else { return }
        reply.isStreaming = true
        let answers = reply.answers
        reply.answers = []
        let session = reply.session.flatMap { sessions[$0] }
        if let session, reply.stream == nil {
            let stream = session.log.open()
            reply.stream = stream
            session.attached[stream] = number
        }
        replies[number] = reply
        noteRequests(of: number)
        if let id = reply.client { beginStream(id, reply.fields) }
        if let session, let stream = reply.stream, session.revision >= .november2025 {
            let place = session.log.prime(stream)
            say(ServerSentEvent.priming(id: place.text), at: place, in: session)
        }
        for frame in answers { emit(number, frame) }
    }

    /// Writes one frame to a stream, or keeps it for whoever resumes.
    func emit(_ number: UInt64, _ frame: [UInt8]) {
        guard let reply = replies[number] else { return }
        metrics.frames += 1
        guard let session = reply.session.flatMap({ sessions[$0] }), let stream = reply.stream
        else { return write(number, ServerSentEvent.message(frame)) }
        let place = session.log.append(frame, to: stream)
        say(ServerSentEvent.message(frame, id: place.text), at: place, in: session)
    }

    func write(_ number: UInt64, _ event: [UInt8]) {
        guard let id = replies[number]?.client, let client = clients[id] else { return }
        replies[number]?.lastSent = loop.now
        let isBehind = replies[number]?.ring.isEmpty == false
        guard isBehind || client.stream.queuedBytes > Limits.httpOutputBytes else {
            return send(id, event)
        }
        metrics.dropped += UInt64(replies[number]?.ring.add(news: event) ?? 0)
    }

    func flushWaiting(_ number: UInt64) {
        guard let reply = replies[number], let id = reply.client, let client = clients[id] else {
            return
        }
        let now = SystemClock.wallMilliseconds()
        let tag = dispatcher.port.storeTag
        while client.stream.queuedBytes <= Limits.httpOutputBytes,
            let next = replies[number]?.ring.next(storeTag: tag, now: now)
        {
            if next.isResync { emit(number, next.bytes) } else { send(id, next.bytes) }
        }
        endIfSent(number)
    }

    /// Ends the stream of a complete reply once everything was handed to its connection.
    func endIfSent(_ number: UInt64) {
        guard let reply = replies[number], reply.isComplete, reply.ring.isEmpty else { return }
        if let session = reply.session.flatMap({ sessions[$0] }), let stream = reply.stream {
            guard reply.isStanding || !session.log.isStoring(stream) else { return }
            if session.attached[stream] == number { session.attached[stream] = nil }
            session.log.finish(stream)
            storeStreams(session)
        }
        replies[number] = nil
        if let id = reply.client { endStream(id) }
    }

    func tickReplies(_ now: Instant) {
        expireFlights(now)
        for (number, reply) in replies.sorted(by: { $0.key < $1.key }) {
            guard reply.client != nil, now >= reply.lastSent + Limits.streamKeepAlive else {
                continue
            }
            guard reply.isStreaming else {
                // Arrays are answered in one piece.
                if !reply.isArray { beginStream(of: number) }
                replies[number]?.lastSent = now
                continue
            }
            write(number, ServerSentEvent.comment)
        }
    }

    /// Ends streams that would last for ever, telling clients when to come back.
    func endStandingStreams(of session: String? = nil) {
        for (number, reply) in replies.sorted(by: { $0.key < $1.key })
        where reply.isStanding && (session == nil || reply.session == session) {
            if let id = reply.client {
                send(id, ServerSentEvent.retry(milliseconds: Limits.streamRetry))
            }
            replies[number]?.isComplete = true
            endIfSent(number)
        }
    }
}
