/// Says what a channel is about, on one line.
package struct ChannelTopicSet: EventBody {
    package static let kind: UInt64 = 53

    package let channel: Channel.ID
    package let topic: String

    package init(channel: Channel.ID, topic: String) {
        self.channel = channel
        self.topic = topic
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 2)
        channel = try reader.identifier("channel")
        topic = try reader.text(max: 500, "topic")
        try TextRule.plain.check(topic, "topic")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(2)
        writer.identifier(channel)
        writer.text(topic)
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
        server.changeChannel(channel) { $0.events.topics.append((slot, topic)) }
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .manageChannels
    }
}
