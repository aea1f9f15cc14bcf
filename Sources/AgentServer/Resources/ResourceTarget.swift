import PeerNode
import PeerState

/// What a resource address means.
enum ResourceTarget: Hashable, Sendable {
    case identity
    case connection
    case servers
    case currentServer
    case channels(server: String?)
    case members(server: String?)
    case unread
    case inbox
    case help
    case messages(MessagesTarget)
    case message(MessageAddress)
    case file(FileID)

    /// Returns `nil` for what does not exist, and for query parameters it does not take.
    init?(_ uri: String) {
        guard let uri = ResourceURI(uri) else { return nil }
        guard Set(uri.query.keys).isSubset(of: Self.parameters(uri.segments)) else { return nil }
        let server = uri.query["server"]
        switch uri.segments {
        case ["identity"]: self = .identity
        case ["connection"]: self = .connection
        case ["servers"]: self = .servers
        case ["server", "current"]: self = .currentServer
        case ["server", "channels"]: self = .channels(server: server)
        case ["server", "members"]: self = .members(server: server)
        case ["server", "unread"]: self = .unread
        case ["inbox"]: self = .inbox
        case ["help"]: self = .help
        default:
            let segments = uri.segments
            if segments.count == 3, segments[0] == "channel", segments[2] == "messages",
                let target = MessagesTarget(name: segments[1], query: uri.query)
            {
                self = .messages(target)
            } else if segments.count == 2, segments[0] == "message",
                let address = MessageAddress(segments[1])
            {
                self = .message(address)
            } else if segments.count == 2, segments[0] == "file", let id = FileID(segments[1]) {
                self = .file(id)
            } else {
                return nil
            }
        }
    }

    private static func parameters(_ segments: [String]) -> Set<String> {
        switch segments.first {
        case "channel": ["after", "before", "limit", "server"]
        case "server" where segments.last == "channels" || segments.last == "members":
            ["server"]
        default: []
        }
    }

    /// The spelling that subscriptions use: canonical, and without paging.
    var canonical: String {
        switch self {
        case .identity: "peer://identity"
        case .connection: "peer://connection"
        case .servers: "peer://servers"
        case .currentServer: "peer://server/current"
        case .channels(let server): "peer://server/channels" + Self.query(server)
        case .members(let server): "peer://server/members" + Self.query(server)
        case .unread: "peer://server/unread"
        case .inbox: "peer://inbox"
        case .help: "peer://help"
        case .messages(let target):
            "peer://channel/\(PercentCoding.encode(target.name))/messages"
                + Self.query(target.server)
        case .message(let address): "peer://message/\(address.digits)"
        case .file(let id): "peer://file/\(id.text)"
        }
    }

    static func query(_ server: String?) -> String {
        server.map { "?server=\(PercentCoding.encode($0))" } ?? ""
    }

    var isSubscribable: Bool {
        switch self {
        case .help, .file: false
        default: true
        }
    }

    /// Whether such a change can alter what is read here; never too narrow.
    func mayChange(with change: NodeChange) -> Bool {
        switch (self, change) {
        case (.help, _), (.file, _): false
        case (.identity, .identity), (.connection, .connection): true
        case (.identity, _), (.connection, .identity): false
        case (.connection, .members): true
        case (.connection, _): false
        case (_, .identity), (_, .connection): false
        case (.message(_), .unread), (.messages, .unread), (.members, .messages): false
        default: true
        }
    }
}
