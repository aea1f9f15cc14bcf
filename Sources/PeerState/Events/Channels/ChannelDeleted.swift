/// Takes a channel with its messages and pins out of the server.
package struct ChannelDeleted: EventBody {
    package static let kind: UInt64 = 51
    package static let isSetup = true

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
        try server.require(.manageChannels, of: place.author, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.changeChannel(channel) { $0.events.deletions.append(slot) }
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .manageChannels
    }
}
