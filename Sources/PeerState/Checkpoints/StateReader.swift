/// Makes a state from the parts of one checkpoint and the events of rights, channels and keys.
///
/// Parts come in the order of `StatePart`; the state is the result only when `finish` returns.
package struct StateReader {
    private var state: ServerState
    private let foldHead: (frontier: Digest.Value, state: Digest.Value)
    private var sound = SoundNodes()
    private var eventCount = 0
    private var wordCount = 0
    private var pendingHead: PartReader?
    private var sums: [(channel: Slot, messages: RowSum, reactions: RowSum)] = []

    package init(_ checkpoint: Checkpoint, viewer: Peer.ID?) {
        state = ServerState(id: checkpoint.server, viewer: viewer)
        state.graph.frontiers.words = Column()
        state.remade = Remade()
        foldHead = (checkpoint.frontier, checkpoint.state)
    }

    /// - Errors: `corrupt`.
    package mutating func take(_ part: StatePart, _ bytes: [UInt8]) throws(StoreFailure) {
        var reader = PartReader(bytes)
        switch part {
        case .head:
            guard pendingHead == nil, try reader.number(UInt32.self) == ServerState.byteOrderMark
            else { throw PartReader.wrong("a head") }
            eventCount = Int(try reader.number(UInt32.self))
            wordCount = Int(try reader.number(UInt32.self))
            try state.graph.frontiers.readForks(&reader)
            pendingHead = reader
            return
        case .frontiers: try state.graph.frontiers.readPart(&reader)
        case .events:
            try beginEvents()
            try state.readBlock(&reader, &sound)
        }
        try reader.end()
    }

    /// What follows the frontiers can be read once they are all here.
    private mutating func beginEvents() throws(StoreFailure) {
        guard state.graph.authors.isEmpty else { return }
        guard var reader = pendingHead, state.graph.frontiers.words.count == wordCount else {
            throw PartReader.wrong("parts that are missing")
        }
        try state.graph.frontiers.restoreNodes()
        try state.graph.readRest(&reader, count: eventCount, &sound)
        state.voidRows = try reader.sum()
        for _ in 0..<(try reader.count(eachAtLeast: 84)) {
            let channel = try reader.slot(below: eventCount)
            sums.append((channel, try reader.sum(), try reader.sum()))
        }
        for _ in 0..<(try reader.count(eachAtLeast: 8)) {
            let lowering = try reader.slot(below: eventCount)
            state.authority.unknownTo[lowering] = Set(try reader.slots(below: eventCount))
        }
        state.remade = try Remade(
            from: &reader, state.graph.authors, count: eventCount)
        try reader.end()
    }

    /// Makes what follows from events that are no messages, and checks the whole.
    ///
    /// - Parameter event: brings a stored event by its id; `nil` when it is not there.
    /// - Returns: the state, and the events that were brought.
    /// - Errors: `corrupt` when the result is not what was written; those of `event`.
    package consuming func finish(
        event: (Event.ID) throws -> (Event, Envelope)?
    ) throws -> (state: ServerState, events: [Replica.Stored]) {
        guard state.graph.count == eventCount, eventCount > 0 else {
            throw PartReader.wrong("parts that are missing")
        }
        var events: [Replica.Stored] = []
        for index in 0..<Int32(state.graph.count) {
            let slot = Slot(index: index)
            guard !ServerState.isContent(state.graph.kind(slot)), state.wasAdmitted(slot) else {
                continue
            }
            guard let (found, envelope) = try event(state.graph.id(slot)),
                found.id == state.graph.id(slot), found.kind == state.graph.kind(slot)
            else { throw PartReader.wrong("an event") }
            found.body.apply(to: &state, event: found, slot: slot)
            if state.graph.flags(slot).contains(.lowering) { state.noteLinks(ofLowering: slot) }
            events.append(Replica.Stored(event: found, envelope: envelope, void: nil))
        }
        state.indexContent()
        for entry in sums {
            guard state.channelRecords[entry.channel] != nil else {
                throw PartReader.wrong("a channel")
            }
            state.channelRecords[entry.channel]?.messageRows = entry.messages
            state.channelRecords[entry.channel]?.reactionRows = entry.reactions
        }
        state.settleRestored()
        guard StateHash.hash(of: state) == foldHead.state,
            FrontierDigest.of(state) == foldHead.frontier
        else { throw PartReader.wrong("a hash") }
        return (state, events)
    }
}

extension ServerState {
    /// Finds what speaks about which message, from the columns.
    fileprivate mutating func indexContent() {
        for index in 0..<Int32(graph.count) {
            let slot = Slot(index: index)
            guard let subject = content.subject(of: slot) else { continue }
            switch graph.kind(slot) {
            case MessagePosted.kind:
                guard graph.isEffective(slot) else { continue }
                content.messageCount += 1
                noteActivity(of: subject, slot, isNew: true)
            case ChannelRevived.kind:
                if graph.isEffective(slot) { noteActivity(of: subject, slot, isNew: true) }
            default: content.note(slot, about: subject, in: graph)
            }
        }
        for slot in channelRecords.keys where graph.isEffective(slot) {
            noteActivity(of: slot, slot, isNew: true)
        }
    }

    fileprivate mutating func settleRestored() {
        current = graph.all.lowerings == 0 && graph.forked.isEmpty ? plain : resolve(at: now)
        remade = nil
        claims = ClaimMemo()
        touchedMessages = []
        findMembers()
        graph.changes.reset(blockCount: graph.ids.blockCount)
    }
}
