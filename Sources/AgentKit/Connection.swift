import FoundationEssentials
import Glibc
import Synchronization

/// One pipe to a node: frames go out as lines, answers come back to who asked.
///
/// One thread of its own reads; nothing else ever waits for the node.
final class Connection: Sendable {
    private struct State {
        var lastRequest: Int64 = 0
        var waiting: [Int64: CheckedContinuation<Value, any Error>] = [:]
        /// Asks that were taken back before they were made.
        var cancelled: Set<Int64> = []
        var isClosed = false
    }

    private static let version = "2026-07-28"
    private static let lineMax = 16 << 20
    private static let readBytes = 65_536

    private let input: Int32
    private let output: Int32
    private let state = Mutex(State())
    private let writing = Mutex(())

    /// Takes the descriptors over; `start` begins to read.
    init(reading input: Int32, writing output: Int32) {
        self.input = input
        self.output = output
    }

    deinit {
        Glibc.close(input)
        if output != input { Glibc.close(output) }
    }

    /// - Parameter rest: bytes that were read already.
    func start(_ rest: [UInt8] = []) throws(AgentError) {
        final class Start: Sendable {
            let connection: Connection
            let rest: [UInt8]

            init(_ connection: Connection, _ rest: [UInt8]) {
                self.connection = connection
                self.rest = rest
            }
        }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Start(self, rest))
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                start.connection.read(start.rest)
                return nil
            }, context.toOpaque())
        guard result == 0 else {
            context.release()
            throw .unreachable("no thread to read with: error \(result)")
        }
        pthread_detach(thread)
    }

    /// Ends the conversation; whoever waits gets `disconnected`.
    func close() {
        shutdown(output, Int32(SHUT_RDWR))
        fail()
    }

    private func fail() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values {
            continuation.resume(throwing: AgentError.disconnected)
        }
    }

    /// Sends a request and returns its result.
    ///
    /// Cancelling the task takes the request back.
    func request(_ method: String, _ params: [String: Value]) async throws -> Value {
        let id = state.withLock { state in
            state.lastRequest += 1
            return state.lastRequest
        }
        var params = params
        params["_meta"] = Self.envelope
        let frame: Value = [
            "jsonrpc": "2.0", "id": .integer(id), "method": .string(method),
            "params": .object(params),
        ]
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                ask(id, frame, continuation)
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func ask(
        _ id: Int64, _ frame: Value, _ continuation: CheckedContinuation<Value, any Error>
    ) {
        let refusal: (any Error)? = state.withLock { state in
            if state.isClosed { return AgentError.disconnected }
            if state.cancelled.remove(id) != nil { return CancellationError() }
            state.waiting[id] = continuation
            return nil
        }
        if let refusal { return continuation.resume(throwing: refusal) }
        do {
            try write(frame)
        } catch {
            take(id)?.resume(throwing: error)
        }
    }

    private func cancel(_ id: Int64) {
        let waiting = state.withLock { state in
            let waiting = state.waiting.removeValue(forKey: id)
            if waiting == nil { state.cancelled.insert(id) }
            return waiting
        }
        guard let waiting else { return }
        waiting.resume(throwing: CancellationError())
        do {
            try write([
                "jsonrpc": "2.0", "method": "notifications/cancelled",
                "params": ["requestId": .integer(id), "_meta": Self.envelope],
            ])
        } catch {
            close()  // The pipe is broken, which everybody else is told now.
        }
    }

    private static let envelope: Value = [
        "io.modelcontextprotocol/protocolVersion": .string(version),
        "io.modelcontextprotocol/clientCapabilities": [:],
        "io.modelcontextprotocol/clientInfo": ["name": "AgentKit", "version": "1"],
    ]

    func write(_ frame: Value) throws {
        var bytes = Array(try JSONEncoder().encode(frame))
        bytes.append(0x0A)
        try writing.withLock { _ in try Self.write(bytes, to: output) }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(AgentError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .disconnected }
            sent += count
        }
    }

    private func take(_ id: Int64) -> CheckedContinuation<Value, any Error>? {
        state.withLock { $0.waiting.removeValue(forKey: id) }
    }

    /// The thread: reads lines until the other side ends.
    private func read(_ rest: [UInt8]) {
        var received = rest
        var chunk = [UInt8](repeating: 0, count: Self.readBytes)
        while received.count < Self.lineMax {
            while let end = received.firstIndex(of: 0x0A) {
                answer(Array(received[..<end]))
                received.removeSubrange(...end)
            }
            let count = Glibc.read(input, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            received.append(contentsOf: chunk[..<count])
        }
        fail()
    }

    /// Lines that are no answers, such as notifications, are not for this library.
    private func answer(_ line: [UInt8]) {
        let frame: Value
        do {
            frame = try JSONDecoder().decode(Value.self, from: Data(line))
        } catch {
            return close()  // Not a node: nothing on this pipe can be believed.
        }
        guard frame["method"] == nil, let id = frame["id"]?.integer,
            let continuation = take(id)
        else { return }
        if let error = frame["error"] {
            let code = error["code"]?.integer.map(String.init) ?? "error"
            continuation.resume(
                throwing: AgentError.tool(
                    code: code, message: error["message"]?.string ?? "",
                    retryAfterMilliseconds: nil))
        } else {
            continuation.resume(returning: frame["result"] ?? .null)
        }
    }
}
