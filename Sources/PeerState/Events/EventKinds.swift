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

    package static func isSetup(_ kind: UInt64) -> Bool { byNumber[kind]?.isSetup ?? false }
    package static func isLowering(_ kind: UInt64) -> Bool { byNumber[kind]?.isLowering ?? false }

    /// `nil` for a kind this version does not know.
    package static func type(of kind: UInt64) -> (any EventBody.Type)? { byNumber[kind] }
}
