/// Gives a channel another name; its id stays.
package struct ChannelRenamed: EventBody {
    package static let kind: UInt64 = 52

    package let channel: Channel.ID
    package let name: String

    package init(channel: Channel.ID, name: String) {
        self.channel = channel
        self.name = name
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        channel = try reader.identifier("channel")
        name = try reader.text(max: 100, "name")
        try TextRule.name.check(name, "name")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(channel)
        writer.text(name)
    }

    package var subject: Event.ID? { Event.ID(channel) }

    package var edges: [Event.ID] { [Event.ID(channel)] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        _ = try server.requireChannel(channel, at: place.past)
        try server.require(.manageChannels, of: place.author, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.changeChannel(channel) { $0.events.names.append((slot, name)) }
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .manageChannels
    }
}
