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
    /// Handshakes that others may begin: of one host in a second and after a pause, and of all
    /// strangers' hosts together. Hosts of members have as much once more.
    package static let handshakesPerHost: UInt64 = 4
    package static let handshakeBurstPerHost: UInt64 = 64
    package static let handshakesPerSecond: UInt64 = 64
    package static let handshakeBurst: UInt64 = 256
    /// How long a host counts as one that asked lately, and how many such hosts there may be: as
    /// many as can be admitted within that time.
    package static let handshakeMemory = Milliseconds.seconds(60)
    package static let handshakeHosts = 8_192
    package static let redialFirst = Milliseconds.seconds(1)
    package static let redialLast = Milliseconds.seconds(60)
    /// Where frame types that an older peer may ignore begin.
    package static let firstIgnoredFrameType: UInt64 = 64
}
