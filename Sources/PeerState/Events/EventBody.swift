/// What one kind of event carries, needs and does; one file per kind.
///
/// Adding a kind is one file that conforms and one line in `EventKinds`.
package protocol EventBody: Sendable {
    /// The number in PROTOCOL 4.
    static var kind: UInt64 { get }

    /// Reads the whole body array; elements beyond those known are kept in the payload and ignored.
    ///
    /// - Errors: `badBody` for shape and caps, then `badText`.
    init(from reader: inout CBORReader) throws(Failure<WireCode>)

    /// Appends the body array.
    func write(to writer: inout CBORWriter)

    /// Ids of events the body names; they count as parents (PROTOCOL 3.2).
    var edges: [Event.ID] { get }

    /// Whether others ask if such an event lies in their past (PROTOCOL 5.10).
    static var isSetup: Bool { get }

    /// Whether it can take something away from what does not know it (PROTOCOL 5.10).
    static var isLowering: Bool { get }

    /// The number of this value's kind; differs from the type's only for kinds not known here.
    var kind: UInt64 { get }

    /// Refuses what State(past(e)) does not allow; level and permission included.
    ///
    /// Membership, suspension, proof and the limits of the author's grant were checked before.
    func check(in server: ServerState, at place: EventPlace) throws(Failure<RuleCode>)

    /// Notes an admissible event where its effect is read from; what is void is left out there.
    func apply(to server: inout ServerState, event: Event, slot: Slot)

    /// The permissions a stored event needed; losing one of them makes it void.
    static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions

    /// The channel, message or reaction it speaks about, for limits that name channels.
    var subject: Event.ID? { get }

    /// What an agent says about why it wrote; messages only.
    var agent: AgentFields? { get }
}

extension EventBody {
    package var kind: UInt64 { Self.kind }
    package var edges: [Event.ID] { [] }
    package static var isSetup: Bool { false }
    package static var isLowering: Bool { false }
    package var subject: Event.ID? { nil }
    package var agent: AgentFields? { nil }
    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        []
    }
    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {}
}

extension CBORReader {
    /// Begins a body array that must hold at least `count` elements.
    ///
    /// - Errors: `badBody` when elements are missing.
    package mutating func body(atLeast count: Int) throws(Failure<WireCode>) {
        guard try array("body") >= count else { throw wrong("missing element") }
    }
}
