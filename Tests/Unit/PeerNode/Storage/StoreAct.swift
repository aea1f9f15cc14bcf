import PeerNode
import PeerState

/// One thing that a node asks of its store.
enum StoreAct {
    case commit(StoreBatch)
    case checkpoint(CheckpointRequest, Checkpoint)
    case dropCheckpoint(Server.ID)
    /// Looks at the last messages of a channel; texts that wait are written first.
    case read(Server.ID, Channel.ID)
    case pruneSent(nowMilliseconds: UInt64)
    case pruneFeed(through: UInt64)
    /// Ends the process in order and starts it again.
    case reopen

    /// Whether its success is a promise that something is durable.
    var isWrite: Bool {
        switch self {
        case .commit, .checkpoint, .dropCheckpoint, .pruneSent, .pruneFeed: true
        case .read, .reopen: false
        }
    }

    /// All but `reopen`, which is not the store's to do.
    func perform(on core: StoreCore) throws(StoreFailure) {
        switch self {
        case .commit(let batch): try core.commit([batch])
        case .checkpoint(let request, let checkpoint):
            _ = try NodeStorage.write(request, checkpoint, core)
        case .dropCheckpoint(let server): try core.dropCheckpoint(of: server)
        case .read(let server, let channel):
            _ = try core.messages(of: channel, in: server, .newest, limit: 50)
        case .pruneSent(let now): try core.pruneSent(nowMilliseconds: now)
        case .pruneFeed(let position): try core.pruneFeed(through: position)
        case .reopen: break
        }
    }
}
