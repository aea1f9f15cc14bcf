/// Gives a channel another name; its id stays.
package struct ChannelRenamed: NotInForce {
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

    package var edges: [Event.ID] { [Event.ID(channel)] }
}
