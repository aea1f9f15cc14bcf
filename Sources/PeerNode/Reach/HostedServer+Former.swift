import PeerState

extension HostedServer {
    /// Kinds whose envelopes are kept at hand: they show somebody what made or ended a membership.
    static func isKept(_ kind: UInt64) -> Bool { keptKinds.contains(kind) }

    private static let keptKinds: Set<UInt64> = [
        ServerCreated.kind, MemberGranted.kind, MemberAdmitted.kind, MemberRemoved.kind,
        MemberSuspended.kind, MemberLeft.kind, OwnershipTransferred.kind, Enacted.kind,
    ]

    /// What ended the membership of `peer`, with proof chains (PROTOCOL 9.1).
    func lowerings(of peer: Peer.ID) -> [[UInt8]] {
        state.lowerings(of: peer).compactMap { grantEnvelopes[$0] }
    }
}
