package import PeerState

extension Limits {
    package static let relayBindings = 256
    package static let relayStreams = 64
    package static let relayStreamsPerPeer = 4
    /// Bytes a second of one stream, both directions together.
    package static let relayRate: UInt64 = 1 << 20
    package static let relayIdle = Milliseconds.seconds(120)
    package static let relayData = 65_000
    /// Streams below are numbered by who asks for one, from it on by the relay.
    package static let firstRelayedStream: UInt64 = 1 << 32
}
