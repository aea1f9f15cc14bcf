package import PeerState

extension Limits {
    /// How long a prekey is published, and how long its secret is kept after the next one.
    package static let prekeyLife = Milliseconds.seconds(7 * 86_400)
    /// A prekey of which the secret is lost is replaced no sooner after the last one.
    static let prekeyAgain = Milliseconds.seconds(600)
    /// How long an epoch is sent under.
    package static let rotateAfter = Milliseconds.seconds(7 * 86_400)
    /// Messages sent under one epoch, as far as this node saw them since it started.
    package static let rotateAfterMessages: UInt64 = 10_000
    /// Who notices that a channel needs a new key waits up to this, so that one makes it.
    package static let rotateDelay = Milliseconds.seconds(30)
    /// Changed prekeys alone renew a channel's key no sooner after the last one.
    package static let rotatePause = Milliseconds.seconds(600)
    /// The least time between two looks at the keys of one server.
    static let keyLookPause = Milliseconds.seconds(1)
    /// The most time between two, whatever the clock on the wall does.
    static let keyLookPeriod = Milliseconds.seconds(3_600)
    /// How long a node waits for another way to a key before it says that its box does not open.
    static let faultDelay = Milliseconds.seconds(20)
}
