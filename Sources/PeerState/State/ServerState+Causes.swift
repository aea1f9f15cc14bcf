/// The loop guard of agents' answers (PROTOCOL 4.7).
extension ServerState {
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

    private func answerCount(of event: Event, to root: Event.ID) -> Int {
        guard let author = graph.number(of: event.author),
            let prev = event.prev.flatMap({ graph.slot(of: $0) })
        else { return 0 }
        if !graph.forked.contains(author) {
            return answers[AnswerCount(author: author, branch: 0, root: root)] ?? 0
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
        causePlaces[slot] = place
        let key = AnswerCount(author: graph.author(slot), branch: 0, root: place.root)
        answers[key, default: 0] += 1
    }

    private func causePlace(of agent: AgentFields?) -> CausePlace? {
        guard let causes = agent?.causes, !causes.isEmpty else { return nil }
        let places = causes.map { cause in
            graph.slot(of: cause).flatMap { causePlaces[$0] } ?? CausePlace(depth: 0, root: cause)
        }
        let depth = 1 + (places.map(\.depth).max() ?? 0)
        return CausePlace(depth: depth, root: places.map(\.root).min() ?? causes[0])
    }
}
