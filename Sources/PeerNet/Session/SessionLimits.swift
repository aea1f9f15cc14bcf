package import PeerState

extension Limits {
    /// Bytes of a frame in one record: what tag and flags leave.
    package static let maxRecordContent = maxRecord - 16 - 1
    /// Length, flags and tag of one record.
    package static let recordOverhead = 2 + 1 + 16
    /// Frames that need no work (Ping, Pong, Rekey, unknown ones) in one second.
    package static let idleFramesPerSecond = 100
    /// The second in which those are counted.
    package static let floodWindow = Milliseconds.seconds(1)
    package static let byeCode = 32
    package static let redialFirst = Milliseconds.seconds(1)
    package static let redialLast = Milliseconds.seconds(60)
    /// Where frame types that an older peer may ignore begin.
    package static let firstIgnoredFrameType: UInt64 = 64
}
