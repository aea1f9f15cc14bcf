import PeerNet
import PeerState

/// What one POST is answered with while it is not complete, or one standing GET stream.
struct HTTPReply {
    /// The connection it goes to; `nil` when a legacy client left and may come back.
    var client: UInt64?
    let principal: String
    let isModern: Bool
    /// Legacy: whose stream it is, and its number there once it is a stream.
    var session: String?
    var stream: Int?
    /// Answers that are still to come.
    var remaining = 0
    /// Whether the client sent an array, and gets one.
    var isArray = false
    /// A GET: it ends with its session or connection only.
    var isStanding = false
    var answers: [[UInt8]] = []
    var status = 200
    var retryAfter: String?
    var isStreaming = false
    let begun: Instant
    var lastSent: Instant
    /// What a client is told once it reads again.
    var ring = NoticeRing()
    var isComplete = false
    /// Whether its connection is let go once it has been told what was said.
    var isLeaving = false
    /// The headers that name the new session.
    var fields: [HTTPHead.Field] = []

    init(client: UInt64?, principal: String, isModern: Bool, now: Instant) {
        self.client = client
        self.principal = principal
        self.isModern = isModern
        begun = now
        lastSent = now
    }
}

/// A request under way over HTTP.
struct HTTPFlight {
    let exchange: MCPExchange
    let reply: UInt64
    let begun: Instant
    var task: Task<Void, Never>?

    var isLong: Bool { exchange.admission.method.isLong }
}

/// A connection and what it is used for.
final class HTTPClient {
    enum Mode {
        /// Nothing has arrived at the socket file that tells which framing it is.
        case undecided
        case http
        /// Newline framing, before and after the first line was understood.
        case hello(LineSplitter)
        case lines(StdioSession)
    }

    let stream: ByteStream
    let gate: HTTPGate
    /// What limits count; the same for all of the socket file.
    let address: String
    var mode: Mode
    var core: HTTPConnection
    /// Who asks, settled before the body is read.
    var access: Access?
    /// How the server is named to it, where tokens of an issuer are taken.
    var resource: String?
    var reply: UInt64?
    var head: HTTPHead?
    var stuckSince: Instant?
    /// Newline framing: what it is told once it reads again.
    var ring = NoticeRing()

    var isLocalSocket: Bool { gate.bind == .unixSocket }

    init(_ stream: ByteStream, gate: HTTPGate, address: String, now: Instant) {
        self.stream = stream
        self.gate = gate
        self.address = address
        mode = gate.bind == .unixSocket ? .undecided : .http
        // Commands of the owner hand over larger parts than programs may.
        let bodies =
            gate.bind == .unixSocket
            ? max(Limits.httpBodyBytes, Limits.commandPart) : Limits.httpBodyBytes
        core = HTTPConnection(now: now, bodyLimit: bodies)
    }
}
