package import PeerState

/// What other nodes said about the state of one server (PROTOCOL 6.3).
package struct StateAgreement: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable {
        case agree, differ
        /// That peer holds less, or more.
        case behind, ahead
        case silent
    }

    package struct PeerVerdict: Hashable, Sendable {
        package var peer: Peer.ID
        package var verdict: Verdict
        package var stateHash: Digest.Value?
        /// The first section of the state in which the two differ.
        package var section: Int?
        /// Events that one of the two lacks, by count.
        package var eventsApart: UInt64 = 0
        /// ms since 1970.
        package var atMilliseconds: UInt64?

        package init(peer: Peer.ID, verdict: Verdict) {
            self.peer = peer
            self.verdict = verdict
        }
    }

    package var stateHash: Digest.Value
    package var events: UInt64
    /// In order of their keys.
    package var peers: [PeerVerdict]

    package init(stateHash: Digest.Value, events: UInt64, peers: [PeerVerdict]) {
        self.stateHash = stateHash
        self.events = events
        self.peers = peers
    }

    package var agreeing: Int { peers.count { $0.verdict == .agree } }

    /// `agree`, `differ` or `alone`.
    package var verdict: String {
        if peers.contains(where: { $0.verdict == .differ }) { return "differ" }
        return agreeing > 0 ? "agree" : "alone"
    }
}

/// Questions about the state of one server that are under way, and what came back.
struct AgreementBook: Sendable {
    /// Whom this node waits for, and the number of the question.
    var asked: [Peer.ID: UInt64] = [:]
    var verdicts: [Peer.ID: StateAgreement.PeerVerdict] = [:]

    struct Difference: Hashable, Sendable {
        let ours: Digest.Value
        let theirs: Digest.Value?
    }

    /// When this node last compared states with a peer by itself, and the number of its question.
    var compared: [Peer.ID: Instant] = [:]
    var unasked: [Peer.ID: UInt64] = [:]
    /// When this node last asked who had doubted its state, and what was asked in detail.
    var askedBack: [Peer.ID: Instant] = [:]
    var detailed: [Peer.ID: UInt64] = [:]
    /// Differences that were announced.
    var told: [Peer.ID: Difference] = [:]
    /// When everything was last folded again because of one.
    var refolded: Instant?
}
