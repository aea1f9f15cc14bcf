/// The loop guard of agents' answers (PROTOCOL 4.7).
extension ServerState {
    /// What an event answers in the end: the event at the beginning of its causes, and how many
    /// answers lie between; `nil` for one that names no cause.
    package func root(of id: Event.ID) -> (event: Event.ID, author: Peer.ID, depth: Int)? {
        guard let place = graph.slot(of: id).flatMap({ causePlaces[$0] }) else { return nil }
        return (graph.id(place.root), graph.peer(place.root), Int(place.depth))
    }

    func checkCauses(of agent: AgentFields?) throws(Failure<RuleCode>) {
        for cause in agent?.causes ?? [] {
            guard let slot = graph.slot(of: cause), wasAdmitted(slot) else {
                throw Failure(.unknownTarget, "cause")
            }
        }
    }

    func checkFanOut(
        of agent: AgentFields?, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard let cause = causePlace(of: agent) else { return }
        if cause.depth > Limits.causeDepth { throw Failure(.loopGuard, "answers of answers") }
        if answerCount(of: place.event, to: cause.root) >= Limits.fanOut {
            throw Failure(.loopGuard, "too many answers to one event")
        }
    }

    private func answerCount(of event: Event, to root: Slot) -> Int {
        guard let author = graph.number(of: event.author),
            let prev = event.prev.flatMap({ graph.slot(of: $0) })
        else { return 0 }
        if !graph.forked.contains(author) {
            return Int(answers[AnswerCount(author: author, root: root)] ?? 0)
        }
        var count = 0
        var next: Slot? = prev
        while let slot = next {
            if causePlaces[slot]?.root == root { count += 1 }
            next = graph.prev(of: slot)
        }
        return count
    }

    mutating func recordCauses(of agent: AgentFields?, slot: Slot) {
        guard let place = causePlace(of: agent) else { return }
        record(place, of: slot)
    }

    mutating func record(_ place: CausePlace, of slot: Slot) {
        causePlaces[slot] = place
        answers[AnswerCount(author: graph.author(slot), root: place.root), default: 0] += 1
    }

    private func causePlace(of agent: AgentFields?) -> CausePlace? {
        let causes = (agent?.causes ?? []).compactMap { graph.slot(of: $0) }
        let places = causes.map { causePlaces[$0] ?? CausePlace(depth: 0, root: $0) }
        guard let root = places.map(\.root).min(by: { graph.id($0) < graph.id($1) }) else {
            return nil
        }
        return CausePlace(depth: 1 + (places.map(\.depth).max() ?? 0), root: root)
    }
}
