/// A state as it was at one moment, to be written as a checkpoint while the node goes on.
///
/// - Bounds: shares its memory with the state it was taken from; of what changes meanwhile, the
///   blocks that change are copied.
package struct StateSnapshot: Sendable {
    package let state: ServerState
    /// Of the blocks of the event table, those that changed since the last checkpoint.
    private let changedBlocks: [Int]
    private let knownWords: Int
    package let mark: SnapshotMark

    fileprivate init(
        state: ServerState, changedBlocks: [Int], knownWords: Int, mark: SnapshotMark
    ) {
        self.state = state
        self.changedBlocks = changedBlocks
        self.knownWords = knownWords
        self.mark = mark
    }

    package var eventCount: Int { state.graph.count }

    /// The event stored last, which says how far the stored events are in it.
    package var lastEvent: Event.ID? {
        eventCount == 0 ? nil : state.graph.id(Slot(index: Int32(eventCount - 1)))
    }

    /// Every part it has.
    package var parts: [StatePart] {
        [.head] + (0..<state.graph.frontiers.partCount).map { .frontiers($0) }
            + (0..<state.graph.ids.blockCount).map { .events($0) }
    }

    /// Parts that may differ from those of the last checkpoint.
    package var changedParts: [StatePart] {
        // Words are only ever added: what was full stays as it was.
        let firstOpen = knownWords / FrontierTable.wordsPerPart
        return [.head]
            + (firstOpen..<max(firstOpen, state.graph.frontiers.partCount))
            .map { .frontiers($0) } + changedBlocks.map { .events($0) }
    }

    package func bytes(of part: StatePart) -> [UInt8] {
        var writer = PartWriter(reserving: part == .head ? 65_536 : 300_000)
        switch part {
        case .head: state.writeHead(to: &writer)
        case .frontiers(let number): state.graph.frontiers.writePart(number, to: &writer)
        case .events(let number): state.writeBlock(number, to: &writer)
        }
        return writer.bytes
    }

    /// The head of the checkpoint; costs as much as asking for the state hash.
    package func checkpoint(atMilliseconds: UInt64) -> Checkpoint {
        Checkpoint(
            server: state.id, foldVersion: ServerState.foldVersion,
            frontier: FrontierDigest.of(state), state: StateHash.hash(of: state),
            atMilliseconds: atMilliseconds)
    }
}

/// How far a state was written; given back once the checkpoint is on disk.
package struct SnapshotMark: Hashable, Sendable {
    package var eventCount = 0
    var changes: UInt32 = 0
    var words = 0

    /// Nothing is written.
    package static let none = Self()
}

extension ServerState {
    /// Takes the state as it is now.
    ///
    /// - Parameter written: what the checkpoint on disk holds.
    package mutating func snapshot(since written: SnapshotMark) -> StateSnapshot {
        let changed = graph.changes.blocks(since: written.changes)
        let mark = SnapshotMark(
            eventCount: graph.count, changes: graph.changes.begin(),
            words: graph.frontiers.words.count)
        return StateSnapshot(
            state: self, changedBlocks: changed, knownWords: written.words, mark: mark)
    }

    /// The mark of a state that was just read from a checkpoint.
    package var restoredMark: SnapshotMark {
        SnapshotMark(eventCount: graph.count, changes: 1, words: graph.frontiers.words.count)
    }
}
