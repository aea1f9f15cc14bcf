/// Ends the author's own membership.
package struct MemberLeft: EventBody {
    package static let kind: UInt64 = 13
    package static let isSetup = true
    package static let isLowering = true

    package init() {}

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 0)
    }

    package func write(to writer: inout CBORWriter) { writer.array(0) }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        if server.standing(of: place.author, at: place.past)?.level == .owner {
            throw Failure(.ownerCannotLeave, "hand the server over first")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.authority.leaves[event.author, default: []].append(slot)
    }
}
