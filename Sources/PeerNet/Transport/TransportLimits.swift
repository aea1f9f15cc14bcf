package import PeerState

extension Limits {
    /// Bytes handed over by one read of a socket, pipe or file.
    package static let readChunk = 65_536
    /// Bytes given to the kernel in one queued write.
    package static let writeChunk = 262_144
    /// A stream whose queue falls to this says so (`onDrain`).
    package static let linkLowWater = 262_144
    /// Bytes of a link that the kernel takes before it has sent them.
    package static let unsentBytes = 131_072
    /// Connections the kernel keeps for a listener that is busy.
    package static let listenBacklog: Int32 = 511
    /// One attempt to reach an address, name lookup and all its numbers included.
    package static let dialTimeout = Milliseconds.seconds(10)
    /// Numbers tried of one name.
    package static let dialAddresses = 4
    /// How long a finished link waits for the other side to close.
    package static let lingerTimeout = Milliseconds.seconds(2)
    /// How long a finished link waits for a reader who takes nothing of what is queued.
    package static let stalledTimeout = Milliseconds.seconds(10)
    /// Bytes that a finished stream still reads, so that its last answer is not lost to whoever
    /// is in the middle of sending: twice the largest body of a request.
    package static let lingerBytes = 8 << 20
    /// Bytes of one address as text.
    package static let maxAddress = 128
    /// Rounds of jobs in one turn of the loop before sockets are looked at again.
    package static let jobRoundsPerTurn = 16
    /// Capacity of a job queue that is kept for the next turn.
    package static let jobsKept = 4_096
}
