import PeerNode
import PeerState

/// Which events one principal wants and may see.
///
/// - Source: MCP 6.2; channels outside its rules do not exist for it.
struct EventSelection: Sendable {
    private(set) var call: ToolCall
    /// `nil` = every type.
    var types: Set<String>?
    /// `nil` = every channel, and what belongs to none.
    var channels: Set<Channel.ID>?

    /// Reads what was asked for; unknown channels are left out.
    ///
    /// - Errors: `NodeFailure` of a node that stops.
    init(_ call: ToolCall, types: Set<String>?, channels: [String]?) async throws {
        self.call = call
        self.types = types
        guard let channels else { return }
        var found: Set<Channel.ID> = []
        for text in channels {
            do {
                let address = ChannelAddress(text: text, field: "channels")
                found.insert(try await call.channel(address).id)
            } catch is ToolRefusal {
                continue
            }
        }
        self.channels = found
    }

    /// What a session without any filter gets.
    init(_ call: ToolCall, types: Set<String>?) {
        self.call = call
        self.types = types
    }

    /// The same wishes under other rights.
    func with(_ call: ToolCall) -> EventSelection {
        var copy = self
        copy.call = call
        return copy
    }

    /// Whether events of a kind are for this principal.
    func maySee(_ kind: NodeEventKind) -> Bool {
        // Signals are for those who may send them.
        kind.scope <= call.access.scope
            && (kind != .voiceSignal || call.access.admits(VoiceTools.sendSignal))
    }

    /// Whether an event of the feed, whose channel the port has checked already, is wanted.
    func admits(_ event: NodeEvent) -> Bool {
        guard maySee(event.kind) else { return false }
        if let types, !types.contains(event.kind.rawValue) { return false }
        guard let channels else { return true }
        return event.channel.map(channels.contains) ?? false
    }

    /// The same for what passes without a number, and past the port.
    func admitsPassing(_ event: NodeEvent) async -> Bool {
        guard admits(event) else { return false }
        // What somebody is writing is not verified by anything yet.
        if call.access.lockdown, event.kind == .partialText { return false }
        guard let server = event.server, !call.access.channels.admitsEverything else {
            return true
        }
        guard let channel = event.channel else {
            return await call.port.servers().contains { $0.id == server }
        }
        do {
            return try await call.port.namedChannels(in: server).contains { $0.id == channel }
        } catch {
            return false  // Left in between.
        }
    }

    /// Events after a position, as many as fit.
    ///
    /// - Returns: the events and the position up to which everything was looked at.
    /// - Errors: `NodeFailure`.
    func read(
        after start: UInt64, limit: Int
    ) async throws -> (events: [NodeEvent], position: UInt64, hasMore: Bool, oldest: UInt64) {
        var found: [NodeEvent] = []
        var position = start
        var scanned = 0
        while true {
            let page = try await call.port.events(after: position, limit: limit)
            let wanted = page.events.filter(admits)
            let room = limit - found.count
            if wanted.count > room {
                let kept = wanted.prefix(room)
                let last = kept.last?.feed ?? position
                return (found + kept, last, true, page.oldest)
            }
            found += wanted
            position = max(position, page.position)
            scanned += limit
            let isDone = !page.hasMore || found.count == limit || scanned >= Limits.eventsScanned
            if isDone { return (found, position, page.hasMore, page.oldest) }
        }
    }
}

extension NodeEventKind {
    /// The least scope that may see it.
    var scope: Scope {
        switch self {
        case .listening: .admin
        case .joinLinkResponse, .joinLinkDenied: .full
        case .voiceSignal: .messaging
        default: .readOnly
        }
    }
}
