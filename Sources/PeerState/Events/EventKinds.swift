/// The only list of event kinds: one line per kind that this version knows.
package enum EventKinds {
    package static let all: [any EventBody.Type] = [
        ServerCreated.self, Acknowledged.self, ServerRenamed.self, ServerDescribed.self,
        OwnershipTransferred.self,
        MemberGranted.self, MemberRemoved.self, MemberSuspended.self, MemberLeft.self,
        RemovalExtended.self, BranchConfirmed.self,
        PermissionGranted.self, PermissionRevoked.self, RoleCreated.self, RoleDeleted.self,
        RolePermissionSet.self, RoleAssigned.self, RoleUnassigned.self, RoleRenamed.self,
        Proposed.self, BallotCast.self, Withdrawn.self, Enacted.self,
        LinkIssued.self, LinkRevoked.self, MemberAdmitted.self,
        ChannelCreated.self, ChannelDeleted.self, ChannelRenamed.self, ChannelTopicSet.self,
        ChannelReadersSet.self, ChannelRevived.self,
        MessagePosted.self, MessageEdited.self, MessageDeleted.self, ReactionAdded.self,
        ReactionRemoved.self, MessagePinned.self, MessageUnpinned.self,
        ProfileUpdated.self,
        PrekeyPublished.self, KeyRotated.self, KeyShared.self, KeyFaulted.self,
    ]

    private static let byNumber: [UInt64: any EventBody.Type] = {
        var table: [UInt64: any EventBody.Type] = [:]
        for type in all {
            precondition(table[type.kind] == nil, "kind \(type.kind) is listed twice")
            table[type.kind] = type
        }
        return table
    }()

    /// Reads a body array; kinds not listed are kept as they came (PROTOCOL 14).
    package static func decode(
        kind: UInt64, body: [UInt8]
    ) throws(Failure<WireCode>) -> any EventBody {
        guard let type = byNumber[kind] else { return UnknownBody(kind: kind, encoded: body) }
        var reader = CBORReader(body, mismatch: .badBody)
        return try type.init(from: &reader)
    }

    private static let setups = numbers { $0.isSetup }
    private static let lowerings = numbers { $0.isLowering }

    /// Whether each number up to the greatest is that of such a kind.
    private static func numbers(_ isOne: (any EventBody.Type) -> Bool) -> [Bool] {
        var table = [Bool](repeating: false, count: Int(all.reduce(0) { max($0, $1.kind) }) + 1)
        for type in all where isOne(type) { table[Int(type.kind)] = true }
        return table
    }

    package static func isSetup(_ kind: UInt64) -> Bool {
        kind < UInt64(setups.count) && setups[Int(kind)]
    }

    /// Whether memberships and permissions depend on such events (PROTOCOL 5.10).
    package static func isAuthority(_ kind: UInt64) -> Bool {
        kind < ChannelCreated.kind && isSetup(kind)
    }

    package static func isLowering(_ kind: UInt64) -> Bool {
        kind < UInt64(lowerings.count) && lowerings[Int(kind)]
    }

    /// `nil` for a kind this version does not know.
    package static func type(of kind: UInt64) -> (any EventBody.Type)? { byNumber[kind] }
}
