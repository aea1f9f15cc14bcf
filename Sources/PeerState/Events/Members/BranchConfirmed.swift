/// Says which branch of a forked author counts.
package struct BranchConfirmed: EventBody {
    package static let kind: UInt64 = 15
    package static let isSetup = true
    package static let isLowering = true

    package let author: Peer.ID
    package let seq: UInt64
    /// The last event of the branch at that moment.
    package let pin: Event.ID

    package init(author: Peer.ID, seq: UInt64, pin: Event.ID) {
        self.author = author
        self.seq = seq
        self.pin = pin
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        author = try reader.identifier("author")
        seq = try reader.unsigned("seq")
        pin = try reader.identifier("id")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(author)
        writer.unsigned(seq)
        writer.identifier(pin)
    }

    package var edges: [Event.ID] { [pin] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let other = server.standing(of: author, at: place.past),
            let number = server.graph.number(of: author),
            server.resolution(at: place.past).forks[number] != nil
        else { throw Failure(.unknownTarget, "no active member with two branches") }
        try server.requireLevel(.moderator, of: place.author, at: place.past)
        guard let slot = server.graph.slot(of: pin), server.graph.peer(slot) == author,
            server.graph.seq(slot) == seq
        else { throw Failure(.badCut, "not an event of that author") }
        guard let own = server.standing(of: place.author, at: place.past),
            author != place.author, own.key < other.key
        else { throw Failure(.notSenior) }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addConfirmation(pin: pin, slot: slot)
    }
}
