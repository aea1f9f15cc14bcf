/// Takes one reaction away.
package struct ReactionRemoved: NotInForce {
    package static let kind: UInt64 = 64

    package let reaction: Event.ID

    package init(reaction: Event.ID) {
        self.reaction = reaction
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        reaction = try reader.identifier("reaction")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(reaction)
    }

    package var edges: [Event.ID] { [reaction] }
}
