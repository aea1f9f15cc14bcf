package import PeerState

/// Something an agent can notice: what the feed numbers, or what passes without a number.
///
/// - Source: MCP 6.1 and 6.2; `data` has the members named there, in that order.
package struct NodeEvent: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        /// Written by somebody; to be sanitised before it is shown.
        case text(String)
        /// An id or a word of ours.
        case word(String)
        case number(UInt64)
        /// ms since 1970.
        case time(UInt64)
        case flag(Bool)
        case words([String])
        case place(Cut?)
        /// What one client says to another so that they can connect: passed on byte for byte.
        case signal(VoiceSignal.Kind, payload: String)
    }

    package struct Field: Hashable, Sendable {
        package let name: String
        package let value: Value

        package init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    package let kind: NodeEventKind
    /// Its position in the feed; `nil` for what is never told again.
    package var feed: UInt64?
    package var server: Server.ID?
    /// Of an event that only those who may see the channel may see.
    package var channel: Channel.ID?
    /// This node's clock, ms since 1970.
    package var atMilliseconds: UInt64
    package var data: [Field] = []

    package init(_ kind: NodeEventKind, server: Server.ID? = nil, atMilliseconds: UInt64) {
        self.kind = kind
        self.server = server
        self.atMilliseconds = atMilliseconds
    }

    package subscript(_ name: String) -> Value? { data.first { $0.name == name }?.value }

    mutating func add(_ name: String, _ value: Value) {
        data.append(Field(name: name, value: value))
    }

    mutating func add<Kind>(_ name: String, _ id: Identifier<Kind>) {
        add(name, .word(id.hex))
    }

    mutating func add<Kind>(_ name: String, _ id: Identifier<Kind>?) {
        if let id { add(name, id) }
    }
}

/// Some of the feed, and how far it was read.
package struct NodeEventPage: Sendable {
    package var events: [NodeEvent]
    /// Everything up to here was looked at, told or not.
    package var position: UInt64
    package var hasMore: Bool
    /// The oldest position that is kept; what lies before it is gone.
    package var oldest: UInt64

    package init(events: [NodeEvent], position: UInt64, hasMore: Bool, oldest: UInt64) {
        self.events = events
        self.position = position
        self.hasMore = hasMore
        self.oldest = oldest
    }
}
