/// Counts as activity in an ephemeral channel, so that it does not archive.
package struct ChannelRevived: NotInForce {
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

    package var edges: [Event.ID] { [Event.ID(channel)] }
}
