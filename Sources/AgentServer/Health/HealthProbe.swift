import PeerState

/// Somebody who asked whether the node is well and waits for the store to answer.
struct HealthProbe {
    let client: UInt64
    let isReady: Bool
    let since: Instant

    /// How long the store may take.
    static let patience = Milliseconds.seconds(5)
}
