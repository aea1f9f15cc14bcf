/// Moves the pin of a lowering forward along the target's chain, so that later events count too.
package struct RemovalExtended: EventBody {
    package static let kind: UInt64 = 14
    package static let isSetup = true
    package static let isLowering = true

    package let lowering: Event.ID
    package let seq: UInt64
    /// The event that the pin moves to.
    package let pin: Event.ID

    package init(lowering: Event.ID, seq: UInt64, pin: Event.ID) {
        self.lowering = lowering
        self.seq = seq
        self.pin = pin
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        lowering = try reader.identifier("lowering")
        seq = try reader.unsigned("seq")
        pin = try reader.identifier("id")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(lowering)
        writer.unsigned(seq)
        writer.identifier(pin)
    }

    package var edges: [Event.ID] { [lowering, pin] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let slot = server.graph.slot(of: lowering), server.isInForce(slot, at: place.past),
            let old = server.pinToExtend(of: slot, towards: pin)
        else { throw Failure(.unknownTarget, "no such lowering") }
        guard let new = server.graph.slot(of: pin), server.graph.seq(new) == seq,
            server.graph.peer(new) == old.target,
            old.pin.map({ $0 != new && server.graph.isOnChain($0, upTo: new) }) ?? true
        else { throw Failure(.badCut, "the new pin follows the old one") }
        let other = server.graph.peer(slot)
        if other == place.author { return }
        let theirs =
            server.standing(of: other, at: place.past)?.key ?? server.seniority(of: slot)
        guard let own = server.standing(of: place.author, at: place.past), own.key < theirs
        else { throw Failure(.notSenior, "only its author or somebody senior") }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addExtension(of: lowering, pin: pin, slot: slot)
    }
}
