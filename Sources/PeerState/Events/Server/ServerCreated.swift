/// Founds a community; the first event, whose id is the server's.
package struct ServerCreated: EventBody {
    package static let kind: UInt64 = 0
    package static let isSetup = true
    package static let participantsMax = 8

    package let name: String
    package let isDirect: Bool
    /// Empty for a group; the two to eight people of a direct server.
    package let participants: [Peer.ID]
    package let nonce: [UInt8]

    package init(name: String, isDirect: Bool, participants: [Peer.ID], nonce: [UInt8]) {
        self.name = name
        self.isDirect = isDirect
        self.participants = participants
        self.nonce = nonce
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 4)
        name = try reader.text(max: 100, "name")
        isDirect = try reader.unsigned(in: 0...1, "kind") == 1
        participants = try reader.identifiers(max: Self.participantsMax, "participants")
        nonce = try reader.byteString(exactly: 16, "nonce")
        guard isDirect ? participants.count >= 2 : participants.isEmpty else {
            throw Failure(.badBody, "participants")
        }
        try TextRule.name.check(name, "name")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(4)
        writer.text(name)
        writer.unsigned(isDirect ? 1 : 0)
        writer.identifiers(participants)
        writer.byteString(nonce)
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        if isDirect && !participants.contains(place.author) {
            throw Failure(.badBody, "the author of a direct server takes part in it")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.found(self, event: event, slot: slot)
    }
}
