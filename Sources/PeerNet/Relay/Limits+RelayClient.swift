package import PeerState

extension Limits {
    /// Bytes a second that one end sends in a stream: with the other end less than `relayRate`.
    package static let relayPace: UInt64 = 7 << 16
    /// Bytes in one frame; small enough that frames of other streams are not kept waiting.
    package static let relayPiece = 32 << 10
    /// Bytes that wait in one stream; more than a peer's credit lets anybody write.
    package static let relayQueue = 4 << 20
    /// How often a stream over its pace is looked at again.
    package static let relayPause = Milliseconds(50)
    package static let relayPatience = Milliseconds(300)
    /// The larger key of a pair waits longer: both asking would make two streams.
    package static let relayPatienceSecond = Milliseconds(2_000)
    package static let relayOpenTimeout = Milliseconds.seconds(10)
    package static let relayRetryShortest = Milliseconds(1_000)
    package static let relayRetryLongest = Milliseconds.seconds(60)
}
