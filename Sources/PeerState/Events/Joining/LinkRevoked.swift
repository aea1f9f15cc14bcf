/// Closes a link; nobody joins by it any more.
package struct LinkRevoked: EventBody {
    package static let kind: UInt64 = 41
    package static let isSetup = true

    package let link: Event.ID

    package init(link: Event.ID) {
        self.link = link
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        link = try reader.identifier("link")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(link)
    }

    package var edges: [Event.ID] { [link] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let slot = server.graph.slot(of: link), server.authority.links[slot] != nil,
            server.isInForce(slot, at: place.past)
        else { throw Failure(.unknownTarget, "no such link") }
        if server.graph.peer(slot) != place.author {
            try server.requireLevel(.moderator, of: place.author, at: place.past)
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addLinkRevocation(of: link, slot: slot)
    }
}
