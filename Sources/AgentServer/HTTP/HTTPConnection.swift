package import PeerState

/// One connection from its first byte to its last: one request at a time, answered in order.
///
/// - Source: MCP 2.8 and 14. A value: bytes and time go in, effects come out.
package struct HTTPConnection: Sendable {
    package enum Input: Sendable {
        case bytes([UInt8])
        /// The client will send nothing more.
        case endOfInput
        /// Time has passed.
        case tick
    }

    package enum Effect: Hashable, Sendable {
        case write([UInt8])
        /// Send what is queued, then close.
        case finish
        /// To be answered by `answer`, or by `beginStream`, `send` and `endStream`.
        case begin(HTTPRequest)
        /// Nobody waits for the answer any more; none may be given.
        case abandoned
        /// The parser refused the connection.
        case refused(HTTPCode)
        case pauseReading
        case resumeReading
    }

    private enum Phase {
        case reading
        case answering
        case streaming
        case ended
    }

    private var parser: HTTPParser
    private var phase = Phase.reading
    /// The request that is being read or answered.
    private var head: HTTPHead?
    private var refusal: HTTPResponse?
    private var deadline: Instant
    private var isPaused = false
    private var inputEnded = false

    package init(now: Instant, bodyLimit: Int = Limits.httpBodyBytes) {
        parser = HTTPParser(bodyLimit: bodyLimit)
        deadline = now + Limits.httpHeaderTimeout
    }

    package var isIdle: Bool {
        if case .reading = phase { return parser.isIdle }
        return false
    }

    package var isStreaming: Bool {
        if case .streaming = phase { return true }
        return false
    }

    /// - Parameter admit: looks at a head before the body is read; its response refuses it.
    package mutating func handle(
        _ input: Input, now: Instant, admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        switch input {
        case .bytes(let bytes): return received(bytes, now, admit)
        case .endOfInput: return ended()
        case .tick: return ticked(now)
        }
    }

    private mutating func received(
        _ bytes: [UInt8], _ now: Instant, _ admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        switch phase {
        case .ended: return []
        case .reading:
            if parser.isIdle { deadline = now + Limits.httpHeaderTimeout }
            parser.push(bytes)
            return advance(now, admit)
        case .answering, .streaming:
            parser.push(bytes)
            guard parser.bufferedBytes > Limits.httpPipelineBytes, !isPaused else { return [] }
            isPaused = true
            return [.pauseReading]
        }
    }

    private mutating func advance(
        _ now: Instant, _ admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        var effects: [Effect] = []
        do throws(HTTPFailure) {
            while case .reading = phase, let event = try parser.next() {
                switch event {
                case .head(let head): effects += began(head, now, admit)
                case .body(let body): effects += completed(body, now, admit)
                }
            }
        } catch {
            effects.append(.refused(error.code))
            effects += close(with: HTTPResponse(error.code.status))
        }
        return effects
    }

    private mutating func began(
        _ head: HTTPHead, _ now: Instant, _ admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        self.head = head
        deadline = now + Limits.httpBodyTimeout
        refusal = admit(head)
        guard head.body != .none else { return [] }
        // A body that nobody will read would be taken for the next request.
        if let refusal { return close(with: refusal) }
        return head.expectsContinue
            ? [.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))] : []
    }

    private mutating func completed(
        _ body: [UInt8], _ now: Instant, _ admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        guard let head else { return [] }
        phase = .answering
        guard let refusal else {
            self.head = head.keeping(["connection"])
            return [.begin(HTTPRequest(head: head, body: body))]
        }
        self.refusal = nil
        return answer(refusal, now: now, admit: admit)
    }

    /// Writes a response for a request that will not be read to its end.
    private mutating func close(with response: HTTPResponse) -> [Effect] {
        phase = .ended
        let framing: [HTTPHead.Field] = [
            .init(name: "Content-Length", value: "\(response.body.count)"),
            .init(name: "Connection", value: "close"),
        ]
        return [.write(response.head(framing) + response.body), .finish]
    }

    private mutating func ended() -> [Effect] {
        inputEnded = true
        switch phase {
        case .ended: return []
        case .reading:
            phase = .ended
            return [.finish]
        case .answering, .streaming:
            phase = .ended
            return [.abandoned, .finish]
        }
    }

    private mutating func ticked(_ now: Instant) -> [Effect] {
        guard case .reading = phase, now >= deadline else { return [] }
        guard !parser.isIdle else {
            phase = .ended
            return [.finish]
        }
        return [.refused(.requestTimeout)] + close(with: HTTPResponse(408))
    }
}

// Answers.
extension HTTPConnection {
    /// Answers the request that was begun; another one that waits may begin.
    package mutating func answer(
        _ response: HTTPResponse, now: Instant, admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        guard case .answering = phase, let head else { return [] }
        var framing: [HTTPHead.Field] = []
        if response.status != 204 {
            framing.append(.init(name: "Content-Length", value: "\(response.body.count)"))
        }
        if !head.keepsAlive { framing.append(.init(name: "Connection", value: "close")) }
        return [.write(response.head(framing) + response.body)] + goOn(now, admit)
    }

    /// Begins an answer whose parts come one by one.
    package mutating func beginStream(_ response: HTTPResponse) -> [Effect] {
        guard case .answering = phase, let head else { return [] }
        phase = .streaming
        var framing: [HTTPHead.Field] = []
        if head.minorVersion == 1 {
            framing.append(.init(name: "Transfer-Encoding", value: "chunked"))
        }
        if !head.keepsAlive { framing.append(.init(name: "Connection", value: "close")) }
        return [.write(response.head(framing))]
    }

    package mutating func send(_ bytes: [UInt8]) -> [Effect] {
        guard case .streaming = phase, let head, !bytes.isEmpty else { return [] }
        guard head.minorVersion == 1 else { return [.write(bytes)] }
        let size = Array((String(bytes.count, radix: 16) + "\r\n").utf8)
        return [.write(size + bytes + [0x0D, 0x0A])]
    }

    package mutating func endStream(
        now: Instant, admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        guard case .streaming = phase, let head else { return [] }
        let end = head.minorVersion == 1 ? [Effect.write(Array("0\r\n\r\n".utf8))] : []
        return end + goOn(now, admit)
    }

    private mutating func goOn(
        _ now: Instant, _ admit: (HTTPHead) -> HTTPResponse?
    ) -> [Effect] {
        guard head?.keepsAlive == true, !inputEnded else {
            phase = .ended
            return [.finish]
        }
        head = nil
        phase = .reading
        deadline = now + (parser.isIdle ? Limits.httpIdleTimeout : Limits.httpHeaderTimeout)
        var effects: [Effect] = []
        if isPaused {
            isPaused = false
            effects.append(.resumeReading)
        }
        return effects + advance(now, admit)
    }
}
