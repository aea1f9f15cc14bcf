import PeerState

/// A chunk that is wanted, and how far it has come.
struct BlobFetch {
    enum State: Hashable {
        case waiting
        case asked
        /// Whole; its hash is being checked.
        case checking
    }

    /// What was asked of one peer.
    struct Want {
        let id: UInt64
        let link: LinkID
        /// Bytes the peer may still send.
        var credit = Limits.creditWindow
        /// Bytes that came since credit was last given.
        var unreturned = 0
        var lastActivity: Instant
    }

    let request: BlobRequest
    /// Earlier ones are asked for first.
    let order: UInt64
    var since: Instant
    var state = State.waiting
    var bytes: [UInt8] = []
    /// Who sent them.
    var sources: Set<Peer.ID> = []
    /// Where the last bytes came from.
    var lastLink: LinkID?
    /// Who has it not, sent something else or stopped.
    var tried: Set<Peer.ID> = []
    var want: Want?
    /// Pieces of several peers did not fit together: the next must come from one alone, so that it
    /// is known who sends wrong ones.
    var needsOneSource = false

    /// Goes back to waiting; what came stays, as far as it can be used.
    mutating func pause(_ now: Instant) {
        want = nil
        state = .waiting
        since = now
        if needsOneSource { forgetBytes() }
    }

    mutating func forgetBytes() {
        bytes = []
        sources = []
    }
}
