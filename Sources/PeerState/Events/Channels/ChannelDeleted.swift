/// Takes a channel with its messages and pins out of the server.
package struct ChannelDeleted: NotInForce {
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

    package var edges: [Event.ID] { [Event.ID(channel)] }
}
