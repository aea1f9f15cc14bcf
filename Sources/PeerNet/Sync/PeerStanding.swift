/// What a peer is in our state of one server, which alone decides what it gets.
///
/// - Source: PROTOCOL 9.1. A server that is not here makes everybody a stranger.
package enum PeerStanding: Hashable, Sendable {
    case member
    /// Removed, suspended or left.
    case former
    case stranger
}
