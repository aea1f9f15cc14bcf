package import PeerState

/// A frame that could not be read: what is known of it, for the Reject that answers it.
///
/// `type` is 0 and `server` nil where they could not be read (PROTOCOL 8.2).
package struct BadFrame: Error, Hashable, Sendable {
    package let type: UInt64
    package let server: Server.ID?
    package let reason: Failure<WireCode>
}
