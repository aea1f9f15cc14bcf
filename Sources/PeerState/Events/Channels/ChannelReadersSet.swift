/// Says anew who may read a channel; a new key follows in the same act.
package struct ChannelReadersSet: EventBody {
    package static let kind: UInt64 = 54
    package static let isSetup = true

    package let channel: Channel.ID
    /// Roles whose holders may read; `nil` = every member.
    package let readers: [Event.ID]?

    package init(channel: Channel.ID, readers: [Event.ID]?) {
        self.channel = channel
        self.readers = readers
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        channel = try reader.identifier("channel")
        readers =
            try reader.isNull()
            ? nil : try reader.identifiers(max: ChannelCreated.readersMax, "readers")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(channel)
        writer.optional(readers) { $0.identifiers($1) }
    }

    package var subject: Event.ID? { Event.ID(channel) }

    package var edges: [Event.ID] { [Event.ID(channel)] + (readers ?? []) }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let record = try server.requireChannel(channel, at: place.past)
        for role in readers ?? [] { _ = try server.requireRole(role, at: place.past) }
        try server.require(.manageChannels, of: place.author, at: place.past)
        if server.readerRule(of: record, at: place.past) != nil {
            try server.requireReader(place.author, of: channel, at: place.past)
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.changeChannel(channel) { $0.events.rules.append((slot, readers)) }
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .manageChannels
    }
}
