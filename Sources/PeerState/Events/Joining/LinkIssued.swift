/// Opens a way to join for whoever holds the link's secret; the link's id is the event's.
package struct LinkIssued: EventBody {
    package static let kind: UInt64 = 40
    package static let isSetup = true
    package static let usesRange: ClosedRange<UInt64> = 1...10_000

    /// The Ed25519 public key whose secret half the invite carries; never a peer.
    package typealias Key = Identifier<LinkIssued>

    package let key: Key
    package let usesMax: UInt64
    /// Milliseconds since 1970; `nil` = never.
    package let expiryMilliseconds: UInt64?
    package let attenuation: Attenuation?
    /// The only peer who may use it; `nil` = anybody.
    package let recipient: Peer.ID?
    package let label: String

    /// The level that every link gives.
    package var level: Level { .member }

    package init(
        key: Key, usesMax: UInt64, expiryMilliseconds: UInt64?, attenuation: Attenuation?,
        recipient: Peer.ID?, label: String
    ) {
        self.key = key
        self.usesMax = usesMax
        self.expiryMilliseconds = expiryMilliseconds
        self.attenuation = attenuation
        self.recipient = recipient
        self.label = label
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 7)
        key = try reader.identifier("link key")
        usesMax = try reader.unsigned(in: Self.usesRange, "max uses")
        expiryMilliseconds = try reader.isNull() ? nil : try reader.unsigned("expiry")
        _ = try reader.unsigned(in: 0...0, "level")
        attenuation = try reader.isNull() ? nil : try Attenuation(from: &reader)
        recipient = try reader.optionalIdentifier("recipient")
        label = try reader.text(max: 64, "label")
        try TextRule.plain.check(label, "label")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(7)
        writer.identifier(key)
        writer.unsigned(usesMax)
        writer.optional(expiryMilliseconds) { $0.unsigned($1) }
        writer.unsigned(level.rawValue)
        writer.optional(attenuation) { $1.write(to: &$0) }
        writer.optional(recipient) { $0.identifier($1) }
        writer.text(label)
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        try server.require(.createInvite, of: place.author, at: place.past)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addLink(self, slot: slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .createInvite
    }
}
