import PeerNode
import PeerState

/// The events that one listen stream is sent, and from where on.
struct HeardEvents: Sendable {
    let selection: EventSelection
    /// The feed position after which they begin.
    let start: UInt64
    private let filter: EventFilter

    /// - Errors: `invalidParams` for a cursor of another node; `NodeFailure`.
    init(_ filter: EventFilter, _ call: ToolCall) async throws {
        self.filter = filter
        let known = filter.types.map { types in
            types.filter { NodeEventKind(rawValue: $0) != nil }
        }
        selection = try await EventSelection(call, types: known, channels: filter.channels)
        if let after = filter.after {
            guard let cursor = Cursor(after, storeTag: call.port.storeTag) else {
                throw MCPError(.invalidParams, "peerEvents.after: that cursor is not from here.")
            }
            start = cursor.feed
        } else {
            start = await call.port.feedPosition()
        }
    }

    /// What the acknowledgement repeats, with the cursor from which the events go on.
    var acknowledged: JSON {
        get async {
            var object = JSONObject()
            if let types = selection.types {
                let heard = types.filter { type in
                    NodeEventKind(rawValue: type).map { selection.maySee($0) } ?? false
                }
                object.append("types", JSON(heard.sorted()))
            }
            if let channels = filter.channels { object.append("channels", JSON(channels)) }
            object.append("cursor", .string(selection.call.cursor(start)))
            return .object(object)
        }
    }
}
