package import PeerNet
package import PeerState

// The names under which the rest of the node reads and writes them.
extension HostedServer {
    package internal(set) var replica: Replica {
        _read { yield fields.replica }
        _modify { yield &fields.replica }
    }
    package internal(set) var keys: KeyRing {
        _read { yield fields.keys }
        _modify { yield &fields.keys }
    }
    package internal(set) var committedHeads: [Peer.ID: Head] {
        _read { yield fields.committedHeads }
        _modify { yield &fields.committedHeads }
    }
    package internal(set) var committedCount: UInt64 {
        _read { yield fields.committedCount }
        _modify { yield &fields.committedCount }
    }
    package internal(set) var forks: [Peer.ID: ServerState.Fork] {
        _read { yield fields.forks }
        _modify { yield &fields.forks }
    }
    var shownForks: [Peer.ID: UInt64] {
        _read { yield fields.shownForks }
        _modify { yield &fields.shownForks }
    }
    var forkPoints: [ForkPoint] {
        _read { yield fields.forkPoints }
        _modify { yield &fields.forkPoints }
    }
    var provenPoints: Set<ForkPoint> {
        _read { yield fields.provenPoints }
        _modify { yield &fields.provenPoints }
    }
    var forkProofs: [ForkPoint: ForkProof] {
        _read { yield fields.forkProofs }
        _modify { yield &fields.forkProofs }
    }
    var channelSeqs: [Channel.ID: UInt64] {
        _read { yield fields.channelSeqs }
        _modify { yield &fields.channelSeqs }
    }
    var shownSeqs: [Channel.ID: UInt64] {
        _read { yield fields.shownSeqs }
        _modify { yield &fields.shownSeqs }
    }
    var liveChannels: Set<Channel.ID> {
        _read { yield fields.liveChannels }
        _modify { yield &fields.liveChannels }
    }
    var lastForeignSeq: [Channel.ID: UInt64] {
        _read { yield fields.lastForeignSeq }
        _modify { yield &fields.lastForeignSeq }
    }
    var sealedMessages: [Epoch.ID: [Replica.Stored]] {
        _read { yield fields.sealedMessages }
        _modify { yield &fields.sealedMessages }
    }
    var sealedIDs: Set<Event.ID> {
        _read { yield fields.sealedIDs }
        _modify { yield &fields.sealedIDs }
    }
    var sealedCount: Int {
        _read { yield fields.sealedCount }
        _modify { yield &fields.sealedCount }
    }
    var hasForgottenSealed: Bool {
        _read { yield fields.hasForgottenSealed }
        _modify { yield &fields.hasForgottenSealed }
    }
    var waitingForKeyMax: Int {
        _read { yield fields.waitingForKeyMax }
        _modify { yield &fields.waitingForKeyMax }
    }
    package internal(set) var introducers: Set<Peer.ID> {
        _read { yield fields.introducers }
        _modify { yield &fields.introducers }
    }
    package internal(set) var hasHistory: Bool {
        _read { yield fields.hasHistory }
        _modify { yield &fields.hasHistory }
    }
    var sendingEpochs: [Channel.ID: Epoch.ID] {
        _read { yield fields.sendingEpochs }
        _modify { yield &fields.sendingEpochs }
    }
    var toldCount: UInt64 {
        _read { yield fields.toldCount }
        _modify { yield &fields.toldCount }
    }
    var fallen: [Event.ID: RuleCode] {
        _read { yield fields.fallen }
        _modify { yield &fields.fallen }
    }
    var openProposals: Set<Event.ID> {
        _read { yield fields.openProposals }
        _modify { yield &fields.openProposals }
    }
    var needsDutyCheck: Bool {
        _read { yield fields.needsDutyCheck }
        _modify { yield &fields.needsDutyCheck }
    }
    var loadedThrough: Int64 {
        _read { yield fields.loadedThrough }
        _modify { yield &fields.loadedThrough }
    }
    var unusableEvents: Int {
        _read { yield fields.unusableEvents }
        _modify { yield &fields.unusableEvents }
    }
    package internal(set) var rescanFrom: UInt64? {
        _read { yield fields.rescanFrom }
        _modify { yield &fields.rescanFrom }
    }
    var rescanNext: UInt64? {
        _read { yield fields.rescanNext }
        _modify { yield &fields.rescanNext }
    }
    var rescansOpen: Int {
        _read { yield fields.rescansOpen }
        _modify { yield &fields.rescansOpen }
    }
    var checkpoints: CheckpointState {
        _read { yield fields.checkpoints }
        _modify { yield &fields.checkpoints }
    }
    var memberCount: Int? {
        _read { yield fields.memberCount }
        _modify { yield &fields.memberCount }
    }
    var keptEnvelopes: [Event.ID: [UInt8]] {
        _read { yield fields.keptEnvelopes }
        _modify { yield &fields.keptEnvelopes }
    }
    var names: NameBook {
        _read { yield fields.names }
        _modify { yield &fields.names }
    }
    var doorway: Doorway {
        _read { yield fields.doorway }
        _modify { yield &fields.doorway }
    }
    var shareDuties: [Peer.ID: Instant] {
        _read { yield fields.shareDuties }
        _modify { yield &fields.shareDuties }
    }
    var care: KeyCare {
        _read { yield fields.care }
        _modify { yield &fields.care }
    }
    var keyWaits: [Channel.ID: KeyWait] {
        _read { yield fields.keyWaits }
        _modify { yield &fields.keyWaits }
    }
}
