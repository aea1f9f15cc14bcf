/// Messages and what speaks about them, by the slots of their events.
///
/// - Shape: `subjects` has one element per stored event: of a message its channel, of an edit,
///   delete, reaction or pin its message, of a removed reaction the reaction; else -1.
struct ContentIndex: Sendable {
    private(set) var subjects = Column<Int32>()
    /// Only of replies.
    var parents = ParentTable()
    /// By message, in canonical order: the last one in effect is its text.
    var edits: [Slot: [Slot]] = [:]
    var deletions: [Slot: [Slot]] = [:]
    /// By message.
    var reactions: [Slot: [Slot]] = [:]
    /// By reaction.
    var reactionRemovals: [Slot: [Slot]] = [:]
    /// Pins and unpins, by message, in canonical order: the last one in effect decides.
    var pins: [Slot: [Slot]] = [:]
    /// Messages with pins, by channel.
    var pinned: [Slot: Set<Slot>] = [:]
    /// Messages posted and neither void nor loose.
    var messageCount = 0

    func subject(of slot: Slot) -> Slot? {
        let stored = subjects[slot.index]
        return stored < 0 ? nil : Slot(index: stored)
    }

    mutating func reserve(_ slot: Slot) {
        precondition(subjects.count == Int(slot.index), "one element per event, in order")
        subjects.append(-1)
    }

    mutating func setSubject(_ subject: Slot, of slot: Slot) {
        subjects[slot.index] = subject.index
    }

    /// Adds a block of subjects as a checkpoint kept them.
    mutating func append(subjects block: [Int32]) { subjects.append(block: block) }

    /// Notes an event that speaks about a message or a reaction.
    mutating func note(_ slot: Slot, about subject: Slot, in graph: EventGraph) {
        switch graph.kind(slot) {
        case MessageEdited.kind: edits[subject, default: []].place(slot, in: graph)
        case MessageDeleted.kind: deletions[subject, default: []].append(slot)
        case ReactionAdded.kind: reactions[subject, default: []].append(slot)
        case ReactionRemoved.kind: reactionRemovals[subject, default: []].append(slot)
        case MessagePinned.kind, MessageUnpinned.kind:
            pins[subject, default: []].place(slot, in: graph)
            if let channel = self.subject(of: subject) {
                pinned[channel, default: []].insert(subject)
            }
        default: break
        }
    }
}

extension [Slot] {
    /// Puts an event among others that are in canonical order; mostly it is the last.
    fileprivate mutating func place(_ slot: Slot, in graph: EventGraph) {
        guard let last, graph.precedes(slot, last) else { return append(slot) }
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high) / 2
            if graph.precedes(self[middle], slot) { low = middle + 1 } else { high = middle }
        }
        insert(slot, at: low)
    }
}
