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
    case audit
    case roles(server: String?)
    case joinLinks(server: String?)
    case proposals(server: String?)
    case agreement(server: String?)
    case messages(MessagesTarget)
    case pins(channel: String, server: String?)
    case message(MessageAddress)
    case live(LiveTarget)
    case thread(MessageAddress)
    case member(Peer.ID, server: String?)
    case events(EventsTarget)
    case file(FileID)

    /// Returns `nil` for what does not exist, and for query parameters it does not take.
    init?(_ uri: String) {
        guard let uri = ResourceURI(uri) else { return nil }
        if let live = LiveTarget(uri) {
            self = .live(live)
            return
        }
        guard Set(uri.query.keys).isSubset(of: Self.parameters(uri.segments)) else { return nil }
        let server = uri.query["server"]
        switch uri.segments {
        case ["identity"]: self = .identity
        case ["connection"]: self = .connection
        case ["servers"]: self = .servers
        case ["server", "current"]: self = .currentServer
        case ["server", "channels"]: self = .channels(server: server)
        case ["server", "members"]: self = .members(server: server)
        case ["server", "roles"]: self = .roles(server: server)
        case ["server", "join-links"]: self = .joinLinks(server: server)
        case ["server", "proposals"]: self = .proposals(server: server)
        case ["server", "state-agreement"]: self = .agreement(server: server)
        case ["server", "unread"]: self = .unread
        case ["inbox"]: self = .inbox
        case ["help"]: self = .help
        case ["audit"]: self = .audit
        case ["events"]:
            guard let target = EventsTarget(uri.query) else { return nil }
            self = .events(target)
        default:
            guard let target = Self.template(uri.segments, uri.query) else { return nil }
            self = target
        }
    }

    /// Addresses with a name or an id inside.
    private static func template(_ segments: [String], _ query: [String: String]) -> Self? {
        if segments.count == 3, segments[0] == "channel" {
            switch segments[2] {
            case "messages":
                return MessagesTarget(name: segments[1], query: query).map { .messages($0) }
            case "pins": return .pins(channel: segments[1], server: query["server"])
            default: return nil
            }
        }
        guard segments.count == 2 else { return nil }
        switch segments[0] {
        case "message": return MessageAddress(segments[1]).map { .message($0) }
        case "thread": return MessageAddress(segments[1]).map { .thread($0) }
        case "file": return FileID(segments[1]).map { .file($0) }
        case "member":
            return Peer.ID(hex: segments[1]).map { .member($0, server: query["server"]) }
        default: return nil
        }
    }

    private static func parameters(_ segments: [String]) -> Set<String> {
        switch segments.first {
        case "channel" where segments.last == "pins": ["server"]
        case "channel": ["after", "before", "limit", "server"]
        case "server" where segments.last != "current" && segments.last != "unread": ["server"]
        case "member": ["server"]
        case "events": ["after", "limit"]
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
        case .audit: "peer://audit"
        case .messages(let target):
            "peer://channel/\(PercentCoding.encode(target.name))/messages"
                + Self.query(target.server)
        case .roles(let server): "peer://server/roles" + Self.query(server)
        case .joinLinks(let server): "peer://server/join-links" + Self.query(server)
        case .proposals(let server): "peer://server/proposals" + Self.query(server)
        case .agreement(let server): "peer://server/state-agreement" + Self.query(server)
        case .pins(let channel, let server):
            "peer://channel/\(PercentCoding.encode(channel))/pins" + Self.query(server)
        case .message(let address): "peer://message/\(address.digits)"
        case .live(let target): target.canonical
        case .thread(let address): "peer://thread/\(address.digits)"
        case .events: "peer://events"
        case .member(let peer, let server): "peer://member/\(peer.hex)" + Self.query(server)
        case .file(let id): "peer://file/\(id.text)"
        }
    }

    static func query(_ server: String?) -> String {
        server.map { "?server=\(PercentCoding.encode($0))" } ?? ""
    }

    var isSubscribable: Bool {
        switch self {
        case .help, .audit, .file: false
        default: true
        }
    }

    /// What it takes to read it.
    var scope: Scope {
        switch self {
        case .joinLinks: .admin
        case .audit: .full
        default: .readOnly
        }
    }

    /// Whether such a change can alter what is read here; never too narrow.
    func mayChange(with change: NodeChange) -> Bool {
        switch (self, change) {
        case (.help, _), (.audit, _), (.file, _): false
        case (.live(let target), _): target.mayChange(with: change)
        case (.connection, .typing): true
        case (_, .typing), (_, .voice): false
        case (.identity, .identity), (.connection, .connection): true
        case (.identity, _), (.connection, .identity): false
        case (.connection, .members): true
        case (.connection, _): false
        case (.events, .feed), (.events, .messages): true
        case (.events, _), (_, .feed): false
        case (.agreement, .agreement), (.agreement, .connection): true
        case (.agreement, _), (_, .agreement): false
        case (_, .identity), (_, .connection): false
        case (.roles, .roles), (.roles, .members), (.roles, .servers): true
        case (.roles, _): false
        case (.joinLinks, .links), (.joinLinks, .servers): true
        case (.joinLinks, _): false
        case (.proposals, .proposals), (.proposals, .members), (.proposals, .servers): true
        case (.proposals, _): false
        case (_, .links), (_, .proposals): false
        case (.pins, .unread), (.thread, .unread), (.member, .unread): false
        case (.message(_), .unread), (.messages, .unread), (.members, .messages): false
        default: true
        }
    }
}
