import PeerNet
import PeerState

extension HostedServer {
    /// All that changes of a server on this node, kept behind one reference.
    ///
    /// State (`replica`) and keys have references of their own: what is written while a copy of the
    /// rest is held leaves them alone.
    struct Fields: Sendable {
        @CopyOnWrite var replica: Replica
        @CopyOnWrite var keys = KeyRing()
        /// Chain heads whose events are durable; what peers are told.
        var committedHeads: [Peer.ID: Head] = [:]
        var committedCount: UInt64 = 0
        /// Forked authors as of the last commit.
        var forks: [Peer.ID: ServerState.Fork] = [:]
        /// Forks that were announced, by author: the number they are about.
        var shownForks: [Peer.ID: UInt64] = [:]
        /// Where forked authors went on twice, as of the last commit.
        var forkPoints: [ForkPoint] = []
        /// Those whose proof went out.
        var provenPoints: Set<ForkPoint> = []
        /// Proofs that are kept because their events may never be stored.
        var forkProofs: [ForkPoint: ForkProof] = [:]
        /// Visible messages each channel has ever had here, those about to be committed included.
        var channelSeqs: [Channel.ID: UInt64] = [:]
        /// The same without those about to be committed.
        var shownSeqs: [Channel.ID: UInt64] = [:]
        /// Channels there at the last look; what became of their messages follows from changes.
        var liveChannels: Set<Channel.ID> = []
        /// The number of the last message by somebody else, for `expectedSeq`.
        var lastForeignSeq: [Channel.ID: UInt64] = [:]
        /// Messages whose key is not here yet, by epoch (≤ `waitingForKey`).
        var sealedMessages: [Epoch.ID: [Replica.Stored]] = [:]
        /// Which these are.
        var sealedIDs: Set<Event.ID> = []
        var sealedCount = 0
        /// Some beyond the bound were not remembered; the store brings them when a key comes.
        var hasForgottenSealed = false
        /// `Limits.waitingForKey`, or less in a test.
        var waitingForKeyMax = Limits.waitingForKey
        /// Peers believed before any history is here (PROTOCOL 9.1, Beginning).
        var introducers: Set<Peer.ID> = []
        /// Whether a catch-up from an introducer has ended, so that state decides who is a member.
        var hasHistory: Bool
        /// The epoch to send under, per channel, until authority or keys change.
        var sendingEpochs: [Channel.ID: Epoch.ID] = [:]
        /// `committedCount` when a catch-up was last announced.
        var toldCount: UInt64 = 0
        /// Proposals that were open at the last look.
        var openProposals: Set<Event.ID> = []
        /// Why events have lost their effect (≤ `fallenRemembered`).
        var fallen: [Event.ID: RuleCode] = [:]
        /// Whether something changed that may ask for a prekey or a share.
        var needsDutyCheck = true
        /// Every stored event up to this row was read when memory was made.
        var loadedThrough: Int64 = 0
        /// Stored events that are not in the set: they do not decode, or do not follow the others.
        var unusableEvents = 0
        /// Messages from this lamport on are to be read again, as they may not be shown; `nil` when
        /// that was done.
        var rescanFrom: UInt64?
        /// The same for messages that came after a reading of that kind began.
        var rescanNext: UInt64?
        /// Readings of that kind that are under way.
        var rescansOpen = 0
        var checkpoints = CheckpointState()
        /// Active members, this node included; counted when members change.
        var memberCount: Int?
        /// Durable events that decide who is a member, as they are shown to those they name.
        var keptEnvelopes: [Event.ID: [UInt8]] = [:]
        /// Who bears which name.
        var names = NameBook()
        /// What is under way between this server and peers that are not in it.
        var doorway = Doorway()
        /// Members whom this node will hand keys to, and when, unless somebody else does first.
        var shareDuties: [Peer.ID: Instant] = [:]
        var care = KeyCare()
        /// Channels whose newest key this node lacked when it wanted to write.
        var keyWaits: [Channel.ID: KeyWait] = [:]

        init(_ replica: Replica, hasHistory: Bool) {
            self.replica = replica
            self.hasHistory = hasHistory
        }
    }
}
