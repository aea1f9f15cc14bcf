/// Takes one reaction away.
package struct ReactionRemoved: EventBody {
    package static let kind: UInt64 = 64
    package static let isSetup = true

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

    package var subject: Event.ID? { reaction }

    package var edges: [Event.ID] { [reaction] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let target = try server.requireReaction(reaction, at: place.past)
        guard server.graph.peer(target) != place.author else { return }
        try server.require(.moderateMessages, of: place.author, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addAbout(reaction, slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.isAboutOwn(slot) ? [] : .moderateMessages
    }
}
