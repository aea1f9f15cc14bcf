/// What a peer may do wrong in gossip without sending anything invalid.
///
/// - Source: PROTOCOL 10, 13; each counts one.
package enum GossipFault: Hashable, CaseIterable, Sendable {
    /// It announced an event and did not give it when asked.
    case brokenPromise
    case graftInBackoff
    case unknownGraft
    case announcementFlood
    /// It went on speaking of servers of which it is no member.
    case notMember
    /// It claimed events in its heads and gave none of them when asked.
    case unmetClaim
}
