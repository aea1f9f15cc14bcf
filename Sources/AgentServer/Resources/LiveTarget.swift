import PeerNode

/// The resources about those who are there now (MCP 4.1 and 4.2).
enum LiveTarget: Hashable, Sendable {
    case typing(name: String, server: String?)
    case voiceStatus
    case participants(name: String, server: String?)

    /// Returns `nil` for every other address.
    init?(_ uri: ResourceURI) {
        let (segments, server) = (uri.segments, uri.query["server"])
        let isAlone = uri.query.isEmpty
        let isPlain = Set(uri.query.keys).isSubset(of: ["server"])
        if segments == ["voice", "status"], isAlone {
            self = .voiceStatus
        } else if segments.count == 3, segments[0] == "channel", segments[2] == "typing", isPlain {
            self = .typing(name: segments[1], server: server)
        } else if segments.count == 3, segments[0] == "voice", segments[2] == "participants",
            isPlain
        {
            self = .participants(name: segments[1], server: server)
        } else {
            return nil
        }
    }

    var canonical: String {
        switch self {
        case .typing(let name, let server):
            "peer://channel/\(PercentCoding.encode(name))/typing" + ResourceTarget.query(server)
        case .voiceStatus: "peer://voice/status"
        case .participants(let name, let server):
            "peer://voice/\(PercentCoding.encode(name))/participants"
                + ResourceTarget.query(server)
        }
    }

    /// Whether such a change can alter what is read here; never too narrow.
    func mayChange(with change: NodeChange) -> Bool {
        switch (self, change) {
        case (_, .servers), (_, .server), (_, .channels): true
        case (.typing, .typing), (.typing, .members), (.participants, .members): true
        case (.participants, .voice), (.voiceStatus, .voice): true
        default: false
        }
    }
}
