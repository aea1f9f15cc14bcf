/// Makes a peer who showed a link's claim a member.
package struct MemberAdmitted: EventBody {
    package static let kind: UInt64 = 42
    package static let isSetup = true

    package let link: Event.ID
    package let target: Peer.ID
    /// Made with the link's secret over server, link and target (PROTOCOL 4.5).
    package let claim: Signature

    package init(link: Event.ID, target: Peer.ID, claim: Signature) {
        self.link = link
        self.target = target
        self.claim = claim
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        link = try reader.identifier("link")
        target = try reader.identifier("target")
        let bytes = try reader.byteString(exactly: Signature.byteCount, "claim")
        guard let claim = Signature(bytes) else { throw reader.wrong("claim") }
        self.claim = claim
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(link)
        writer.identifier(target)
        writer.byteString(claim.bytes)
    }

    package var edges: [Event.ID] { [link] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        try server.checkAdmission(self, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addAdmission(self, slot: slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        server.level(of: slot) >= .moderator ? [] : .syncProvider
    }
}
