/// Every bound that protects a node, by the name PROTOCOL 12 gives it.
package enum Limits {
    // Events
    package static let maxEnvelope = 65_536
    package static let maxText = 16_384
    package static let maxCiphertext = 49_152
    package static let maxNesting = 8
    package static let maxDeps = 64
    package static let maxSeq: UInt64 = (1 << 53) - 1
    package static let maxWallMilliseconds: UInt64 = (1 << 63) - 1
    package static let maxKind: UInt64 = 65_535
    package static let maxDelegationDepth = 16
    package static let pendingPerAuthor = 2_000
    package static let pendingPerLink = 2_000
    package static let pendingTotal = 20_000
    package static let waitingForKey = 10_000
    package static let clockAheadMilliseconds: UInt64 = 600_000
    package static let maxChannels = 1_000
    package static let maxMembers = 10_000
    package static let maxRoles = 256
    /// Numbers of authors that one server's tables can name.
    package static let authorsPerServer = 1 << 20
    package static let removalsPerAuthor = 256
    package static let removalsWindow: UInt64 = 10_000
    package static let openProposalsPerAuthor = 16
    package static let maxElectorate = 256
    package static let pinsPerChannel = 50
    package static let reactionsPerAuthor = 20
    package static let causeDepth = 16
    package static let fanOut = 64
    package static let looseEventsPerAuthor = 128
    /// Forks of one author that are known from their proofs; those with the lowest numbers.
    package static let forkProofsPerAuthor = 8
    package static let boxesPerPart = 384
    package static let rotationParts: UInt64 = 32
    package static let maxInvite = 4_096
    /// How long an id dropped at steps 5–7 or 13 is remembered as known.
    package static let droppedIDsKept = 4_096

    // Links
    package static let maxFrame = 139_264
    package static let maxRecord = 65_535
    package static let maxHandshakePayload = 4_096
    package static let handshakeTimeout = Milliseconds.seconds(5)
    package static let maxHalfOpen = 64
    package static let maxHalfOpenPerAddress = 4
    package static let pingAfter = Milliseconds.seconds(15)
    package static let deadAfter = Milliseconds.seconds(45)
    package static let rekeyAfter = Milliseconds.seconds(3_600)
    package static let rekeyAfterRecords: UInt64 = 1 << 32
    package static let badFrames = 3
    /// How much more than another bad event a forged one counts.
    package static let badSignatureWeight = 10
    package static let badFrameWindow = Milliseconds.seconds(600)
    /// Bytes queued to one link before the node stops reading from its store for it.
    package static let linkOutboxBytes = 8 << 20

    // Sync
    package static let maxHeadsPerFrame = 2_000
    package static let maxFullHeads = 500
    package static let maxWantRanges = 256
    package static let wantsPerLink = 8
    package static let creditWindow = 1 << 20
    package static let eventsPerFrame = 256
    package static let idleTimeout = Milliseconds.seconds(15)
    package static let replyTimeout = Milliseconds.seconds(5)
    package static let antiEntropyPeriod = Milliseconds.seconds(30)
    package static let eagerBody = 8_192
    package static let offerEnvelopes = 16
    package static let offersPerPeer = 16
    package static let offersTotal = 64
    package static let offerLife = Milliseconds.seconds(7 * 86_400)
    package static let peersPerFrame = 16
}
