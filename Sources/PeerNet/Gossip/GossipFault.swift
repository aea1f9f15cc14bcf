/// What a peer may do wrong in gossip without sending anything invalid.
///
/// - Source: PROTOCOL 10; each counts one.
package enum GossipFault: Hashable, CaseIterable, Sendable {
    /// It announced an event and did not give it when asked.
    case brokenPromise
    case graftInBackoff
    case unknownGraft
    case announcementFlood
}
