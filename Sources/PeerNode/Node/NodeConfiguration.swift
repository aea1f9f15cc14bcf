package import PeerState

/// What a node is told at start; everything else it learns or keeps in its store.
package struct NodeConfiguration: Sendable {
    package var key: SigningKey
    /// Network id of the handshake; nodes of different networks do not connect.
    package var network: String
    /// Shown where a server sets no other name.
    package var displayName: String
    /// Addresses to dial from the start, `host:port`.
    package var peers: [String]
    /// Addresses of relays to use where peers cannot be dialled, `host:port`.
    package var relays: [String] = []
    /// Whether this node passes bytes between peers that cannot reach one another.
    package var isRelay = false
    /// Whether it keeps and serves history for others, and holds no key.
    package var isProvider = false
    /// The server that is current for who has chosen none, by the beginning of its id.
    package var currentServer: String?
    package var log: Log
    /// The operator accepts that events written after the restored copy may be lost.
    package var overridesRecovery: Bool
    /// Messages per server remembered as waiting for their key; lowered by tests.
    package var waitingForKey = Limits.waitingForKey
    /// Events per server that wait for others; lowered by tests.
    package var pendingMax = Limits.pendingTotal
    /// Envelope bytes of a catch-up that share a commit; lowered by tests.
    package var gatheredBytes = Limits.gatheredBytes
    /// Events between two checkpoints; lowered by tests.
    package var checkpointEvery = Limits.checkpointEvery
    /// How long a proposal of this node stays open, in lamport; shortened by tests.
    package var proposalLife = Limits.proposalLife
    /// How long keys live; shortened by tests.
    package var keyPeriods = KeyPeriods()
    /// What others see of this node where nothing else was chosen.
    package var presence = PresenceMode.auto
    /// How a few envelopes are checked on the spot; what runs many nodes does each once.
    package var examine: @Sendable (Envelope, Server.ID) -> Result<Event, Failure<WireCode>> = {
        NodeCore.examine($0, for: $1)
    }

    package init(
        key: SigningKey, network: String = "main", displayName: String = "Agent",
        peers: [String] = [], log: Log = .silent, overridesRecovery: Bool = false
    ) {
        self.key = key
        self.network = network
        self.displayName = displayName
        self.peers = peers
        self.log = log
        self.overridesRecovery = overridesRecovery
    }
}

extension Limits {
    package static var waitersPerPrincipal: Int { OperatorLimit.waitersPerPrincipal.value }
    package static var waitersTotal: Int { OperatorLimit.waitersTotal.value }
    package static let newsKept = 100_000
    /// How far back the last matching message is looked for, ms.
    static let quietLookback: UInt64 = 30 * 60_000
    /// Members other than the granting one wait a random time up to this before they share keys.
    package static let shareDelay = Milliseconds.seconds(10)
    /// How long accepting an invite waits for the first sync before it answers `queued`.
    package static let joinWait = Milliseconds.seconds(10)
    /// Below this many events a signature is checked where it arrived.
    package static let inlineVerifications = 2
    /// Envelope bytes of a catch-up that share a commit while further ones are being checked; well
    /// below the credit window, so that the peer is never without credit because of it.
    package static let gatheredBytes = 384 << 10
    package static let dialTargets = 256
    /// Links of peers that no server here names; a joiner is one of them for a moment.
    package static let strangerLinks = 256
    /// Hosts at which members were met.
    static let metHosts = 1_024
    /// How often it is said that links are refused.
    static let refusalsSaid = Milliseconds.seconds(10)
    /// Finished links that still wait for the other side; one more closes the oldest at once.
    package static let closingLinks = 64
    /// A link that ends sooner was a failed try: its address waits longer before the next.
    package static let linkProven = Milliseconds.seconds(10)
    package static let recoveryOverrideAfter = Milliseconds.seconds(60)
}
