/// Counts as activity in an ephemeral channel, so that it does not archive.
package struct ChannelRevived: EventBody {
    package static let kind: UInt64 = 55

    package let channel: Channel.ID

    package init(channel: Channel.ID) {
        self.channel = channel
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        channel = try reader.identifier("channel")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(channel)
    }

    package var subject: Event.ID? { Event.ID(channel) }

    package var edges: [Event.ID] { [Event.ID(channel)] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        _ = try server.requireChannel(channel, at: place.past)
        try server.require(.sendMessages, of: place.author, at: place.past)
        try server.requireReader(place.author, of: channel, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        guard let channel = server.graph.slot(of: Event.ID(channel)) else { return }
        server.content.setSubject(channel, of: slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .sendMessages
    }
}
