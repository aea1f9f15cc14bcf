import PeerState

/// Cuts the bytes of one connection into requests, and refuses whatever can be read in two ways.
///
/// - Shape: `push` bytes as they come, then call `next` until it returns `nil`. Any split of the
///   bytes gives the same events.
/// - Errors: the first one is final; nothing after it is parsed (`HTTPCode`).
/// - Bounds: `http.target_bytes`, `header_bytes`, `header_count`, `body_bytes`. What was pushed and
///   is not yet asked for stays in memory: the owner stops reading above its own bound.
/// - Source: RFC 9112, MCP 2.8. Stricter than the RFC: no bare LF, no folded lines, no absolute
///   targets, no list of lengths.
package struct HTTPParser: Sendable {
    package enum Event: Hashable, Sendable {
        case head(HTTPHead)
        /// The rest of the request that `head` began.
        case body([UInt8])
    }

    enum State: Sendable {
        case requestLine
        case fields(HTTPHeadReader)
        case sized(left: Int)
        case chunkSize
        case chunkData(left: Int)
        case chunkEnd
        case trailers(bytesLeft: Int, fieldsLeft: Int)
        case failed(HTTPFailure)
    }

    private(set) var state = State.requestLine
    private var lines = HTTPLineBuffer()
    private var body: [UInt8] = []
    private var mayBeginWithBlankLine = true
    private let bodyLimit: Int

    package init(bodyLimit: Int = Limits.httpBodyBytes) {
        self.bodyLimit = bodyLimit
    }

    package mutating func push(_ bytes: [UInt8]) {
        if case .failed = state { return }
        lines.append(bytes)
    }

    /// Bytes that no event covers yet, besides the body that is being read.
    package var bufferedBytes: Int { lines.count }

    /// Whether the connection is between two requests and nothing of the next has come.
    package var isIdle: Bool {
        if case .requestLine = state { return lines.count == 0 }
        return false
    }

    /// Whether a body is being read.
    package var isInBody: Bool {
        switch state {
        case .requestLine, .fields, .failed: false
        default: true
        }
    }

    /// Returns what the bytes so far complete, or `nil` when more must come.
    package mutating func next() throws(HTTPFailure) -> Event? {
        do throws(HTTPFailure) {
            while true {
                switch try step() {
                case .event(let event): return event
                case .more: return nil
                case .again: continue
                }
            }
        } catch {
            state = .failed(error)
            lines = HTTPLineBuffer()
            body = []
            throw error
        }
    }

    private enum Step {
        case event(Event)
        case more
        case again
    }

    private mutating func step() throws(HTTPFailure) -> Step {
        switch state {
        case .requestLine: return try readRequestLine()
        case .fields(let reader): return try readField(reader)
        case .sized(let left): return readSized(left)
        case .chunkSize: return try readChunkSize()
        case .chunkData(let left): return readChunk(left)
        case .chunkEnd: return try readChunkEnd()
        case .trailers(let bytes, let fields): return try readTrailer(bytes, fields)
        case .failed(let failure): throw failure
        }
    }

    private mutating func readRequestLine() throws(HTTPFailure) -> Step {
        // The method, two spaces and the version besides the target.
        let limit = Limits.httpTargetBytes + Limits.httpMethodBytes + 10
        guard let line = try lines.line(limit, .targetTooLong, .badRequestLine) else {
            return .more
        }
        if line.isEmpty && mayBeginWithBlankLine {
            mayBeginWithBlankLine = false
            return .again
        }
        state = .fields(try HTTPHeadReader(requestLine: line))
        return .again
    }

    private mutating func readField(_ reader: HTTPHeadReader) throws(HTTPFailure) -> Step {
        var reader = reader
        guard let line = try lines.line(reader.bytesLeft, .headersTooLarge, .badHeader) else {
            return .more
        }
        guard line.isEmpty else {
            try reader.take(line)
            state = .fields(reader)
            return .again
        }
        let head = try reader.finish(bodyLimit: bodyLimit)
        body = []
        switch head.body {
        case .none: state = .sized(left: 0)
        case .sized(let count): state = .sized(left: count)
        case .chunked: state = .chunkSize
        }
        return .event(.head(head))
    }

    private mutating func readSized(_ left: Int) -> Step {
        let part = lines.take(atMost: left)
        body.append(contentsOf: part)
        guard part.count == left else {
            state = .sized(left: left - part.count)
            return .more
        }
        return finish()
    }

    private mutating func finish() -> Step {
        defer { body = [] }
        state = .requestLine
        mayBeginWithBlankLine = true
        return .event(.body(body))
    }
}

// Chunked bodies.
extension HTTPParser {
    private mutating func readChunkSize() throws(HTTPFailure) -> Step {
        guard let line = try lines.line(Limits.httpChunkLineBytes, .badChunk, .badChunk) else {
            return .more
        }
        let size = try Self.chunkSize(line)
        guard size <= bodyLimit - body.count else {
            throw HTTPFailure(.bodyTooLarge, "the body is over \(bodyLimit) bytes")
        }
        state =
            size == 0
            ? .trailers(bytesLeft: Limits.httpHeaderBytes, fieldsLeft: Limits.httpHeaderCount)
            : .chunkData(left: size)
        return .again
    }

    /// The digits before an extension, which is ignored.
    private static func chunkSize(_ line: [UInt8]) throws(HTTPFailure) -> Int {
        let digits = line.prefix { HTTPGrammar.hexValue($0) != nil }
        let rest = line.dropFirst(digits.count)
        guard (1...Limits.httpChunkDigits).contains(digits.count) else {
            throw HTTPFailure(.badChunk, "a chunk size has 1 to \(Limits.httpChunkDigits) digits")
        }
        guard rest.isEmpty || rest.first == UInt8(ascii: ";"),
            rest.allSatisfy(HTTPGrammar.isFieldByte)
        else { throw HTTPFailure(.badChunk, "after the chunk size") }
        return digits.reduce(0) { $0 << 4 | (HTTPGrammar.hexValue($1) ?? 0) }
    }

    private mutating func readChunk(_ left: Int) -> Step {
        let part = lines.take(atMost: left)
        body.append(contentsOf: part)
        guard part.count == left else {
            state = .chunkData(left: left - part.count)
            return .more
        }
        state = .chunkEnd
        return .again
    }

    private mutating func readChunkEnd() throws(HTTPFailure) -> Step {
        guard let end = try lines.line(0, .badChunk, .badChunk) else { return .more }
        precondition(end.isEmpty, "a line of no bytes")
        state = .chunkSize
        return .again
    }

    /// Trailers are checked as headers are, and dropped.
    private mutating func readTrailer(
        _ bytesLeft: Int, _ fieldsLeft: Int
    ) throws(HTTPFailure) -> Step {
        guard let line = try lines.line(bytesLeft, .headersTooLarge, .badHeader) else {
            return .more
        }
        if line.isEmpty { return finish() }
        guard fieldsLeft > 0 else { throw HTTPFailure(.headersTooLarge, "too many trailers") }
        guard !HTTPGrammar.framing.contains(try HTTPGrammar.field(line).name) else {
            throw HTTPFailure(.badHeader, "a trailer that would change how the request is read")
        }
        state = .trailers(
            bytesLeft: max(0, bytesLeft - line.count - 2), fieldsLeft: fieldsLeft - 1)
        return .again
    }
}
