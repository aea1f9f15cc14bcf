import PeerNet
import PeerNode
import PeerState

/// One honest node: the product's core, its database in memory, and what outlives both.
final class SimNode {
    struct Ack {
        let event: Event.ID
        let server: Server.ID
    }

    let index: Int
    /// Where others dial it; a clone has an address of its own.
    let address: String
    let key: SigningKey
    var store: StoreCore
    /// What the store lies on; `nil` = in memory, for nodes whose disk never fails.
    var disk: FaultyDisk?
    /// A batch of which only the next start says whether it is durable.
    var unsure: StoreBatch?
    /// Whether its store takes nothing more in this life.
    var awaitsRestart = false
    /// `nil` while the process is down.
    var core: NodeCore?
    /// A core that the store refused a batch of, until its successor is there.
    var stopped: NodeCore?
    var cursors = PageCursors()
    /// Counts process starts; what an earlier life began concerns nobody.
    var life: UInt64 = 0
    /// Counts memories within one life, as `Node` does after a refused write.
    var generation: UInt64 = 0
    var incarnation: [UInt8] = []
    /// The only wake that counts; earlier requests are stale.
    var wakeAt: Instant?

    /// Every batch that is durable, in order: a prefix is the data directory of an earlier moment.
    var journal: [StoreBatch] = []
    var stored: Set<Event.ID> = []
    /// The high-water file: outside the database, so a restored database does not lower it.
    var highWater: [Server.ID: UInt64] = [:]
    var wasMoved = false
    var waiting: [(job: NodeCore.JobID, batch: StoreBatch, submitted: Bool)] = []
    var acks: [Ack] = []
    /// Whether a server whose joining failed was taken out of the store, with its part of the feed.
    var hasErased = false

    /// What its random bytes come from, in plans in which they may repeat.
    var source: StutteringEntropy?

    // Faults
    var effectsToCrash: Int?
    var failingCommits = 0
    /// Whether it was started with the smallest limits there are.
    var isSqueezed = false
    /// Whether its next checkpoint is not what it wrote.
    var spoilsCheckpoint = false
    var isDiskFull = false
    /// Whether a batch was refused because of it, and none taken since.
    var wasFull = false
    var storeDelay: UInt64 = 0
    var wakeDelay: UInt64 = 0
    var lastFeed: UInt64 = 0

    init(index: Int, key: SigningKey, store: StoreCore, disk: FaultyDisk? = nil) {
        self.index = index
        self.key = key
        self.store = store
        self.disk = disk
        address = Simulator.address(index)
    }

    var peer: Peer.ID { key.publicKey }
    var isUp: Bool { core != nil }

    /// What the high-water file says about the database: what `StoreCore` finds at its opening.
    func verdict() -> HighWaterVerdict {
        if wasMoved { return .moved }
        var heads: [Server.ID: UInt64] = [:]
        for head in journal.flatMap(\.ownHeads) {
            heads[head.server] = max(heads[head.server] ?? 0, head.seq)
        }
        var gaps: [Server.ID: HeadGap] = [:]
        for (server, seq) in highWater where seq > heads[server] ?? 0 {
            gaps[server] = HeadGap(stored: heads[server] ?? 0, high: seq)
        }
        return gaps.isEmpty ? .fine : .behind(gaps)
    }

    /// Takes what is stored now as the truth, as `StoreCore.settleHighWater` does.
    func settleHighWater() {
        wasMoved = false
        highWater = [:]
        for head in journal.flatMap(\.ownHeads) {
            highWater[head.server] = max(highWater[head.server] ?? 0, head.seq)
        }
    }
}
