/// Opens a channel; its id is the event's.
package struct ChannelCreated: EventBody {
    package static let kind: UInt64 = 50
    package static let isSetup = true
    package static let readersMax = 16
    package static let idleRange: ClosedRange<UInt64> = 3_600_000...7_776_000_000

    package enum History: UInt64, Sendable { case all = 0, sinceJoin = 1 }

    package let name: String
    package let isVoice: Bool
    package let topic: String
    package let history: History
    /// Roles whose holders may read; `nil` = every member.
    package let readers: [Event.ID]?
    /// For ephemeral channels: idle time in ms before they archive.
    package let idleMilliseconds: UInt64?

    /// - Parameter readers: in any order.
    package init(
        name: String, topic: String = "", isVoice: Bool = false, history: History = .all,
        readers: [Event.ID]? = nil, idleMilliseconds: UInt64? = nil
    ) {
        self.name = name
        self.isVoice = isVoice
        self.topic = topic
        self.history = history
        self.readers = readers.map { Set($0).sorted() }
        self.idleMilliseconds = idleMilliseconds
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 6)
        name = try reader.text(max: 100, "name")
        isVoice = try reader.unsigned(in: 0...1, "kind") == 1
        topic = try reader.text(max: 500, "topic")
        history = try reader.unsigned(in: 0...1, "history") == 0 ? .all : .sinceJoin
        readers =
            try reader.isNull() ? nil : try reader.identifiers(max: Self.readersMax, "readers")
        if try reader.isNull() {
            idleMilliseconds = nil
        } else {
            try reader.array(exactly: 1, "ephemeral")
            idleMilliseconds = try reader.unsigned(in: Self.idleRange, "idle_ms")
        }
        try TextRule.name.check(name, "name")
        try TextRule.multiline.check(topic, "topic")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(6)
        writer.text(name)
        writer.unsigned(isVoice ? 1 : 0)
        writer.text(topic)
        writer.unsigned(history.rawValue)
        writer.optional(readers) { $0.identifiers($1) }
        writer.optional(idleMilliseconds) {
            $0.array(1)
            $0.unsigned($1)
        }
    }

    package var edges: [Event.ID] { readers ?? [] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        for role in readers ?? [] { _ = try server.requireRole(role, at: place.past) }
        try server.require(.manageChannels, of: place.author, at: place.past)
        if let readers {
            try server.requireHolder(ofOne: readers, at: place)
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addChannel(self, event: event, slot: slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .manageChannels
    }
}
