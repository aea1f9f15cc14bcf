/// A walk through a graph from two sides, down in the order of lamport: what is known, and what may
/// not be.
///
/// Whatever rests on an event was seen before it. The walk ends when nothing is left that is not in
/// the past of what is known, so its cost follows what is new, not the history.
struct DownwardWalk {
    private var isKnown: [Slot: Bool] = [:]
    private var queue = Heap()
    /// Events of the queue that are not known.
    private var open = 0

    init(from tops: some Sequence<Slot>, known: [Slot], in graph: EventGraph) {
        for slot in known { mark(slot, true, in: graph) }
        for slot in tops { mark(slot, false, in: graph) }
    }

    /// Goes on to an event; what is known stays so.
    mutating func mark(_ slot: Slot, _ fromKnown: Bool, in graph: EventGraph) {
        if let before = isKnown[slot] {
            guard fromKnown && !before else { return }
            isKnown[slot] = true
            open -= 1
            return
        }
        isKnown[slot] = fromKnown
        queue.push(graph.lamport(slot), slot)
        if !fromKnown { open += 1 }
    }

    /// The next event, whose edges the caller marks; nil at the end.
    mutating func next() -> (slot: Slot, isKnown: Bool)? {
        guard open > 0, let slot = queue.pop() else { return nil }
        let known = isKnown[slot] ?? false
        if !known { open -= 1 }
        return (slot, known)
    }
}
