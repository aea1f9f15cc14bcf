import PeerState

extension OracleRules {
    func keyRefusal() -> String? {
        if let problem = view.channelProblem(event.event(0)) { return problem }
        switch event.kind {
        case 81: return rotateRefusal()
        case 82: return shareRefusal()
        default:
            guard let epoch = view.epoch(event.event(1), of: event.event(0)) else {
                return "unknownEpoch"
            }
            return view.isRecipient(author, of: epoch) ? nil : "notReader"
        }
    }

    private func shareRefusal() -> String? {
        guard let to = event.peer(1), let channel = view.channel(event.event(0)) else {
            return "unknownTarget"
        }
        let epochs = event.events(2).map { view.epoch($0, of: event.event(0)) }
        if epochs.contains(nil) { return "unknownEpoch" }
        let isAuthorIn = epochs.compactMap { $0 }.allSatisfy {
            view.isRecipient(author, of: $0)
        }
        return view.isReader(to, of: channel) && isAuthorIn ? nil : "notReader"
    }

    private func rotateRefusal() -> String? {
        guard let id = event.event(0) else { return "unknownTarget" }
        if let problem = writingProblem(id) { return problem }
        let part = event.number(5)
        if part > 0 && !continues() { return "badBody" }
        let first = part > 0 ? world.parts(number)[0] : number
        let before = world.viewBefore(first)
        guard let channel = before.channel(id), event.events(2) == before.parents(id) else {
            return "unknownTarget"
        }
        let history = world.isDirect ? 0 : world.events[channel].number(3)
        let boxesAsked = history == 0 ? event.events(2).count : 0
        if event.items(8).count != boxesAsked { return "badBody" }
        guard part + 1 == event.number(6) else { return nil }
        let readers = before.sealableReaders(channel)
        let boxes = world.boxes(number)
        if boxes.count > readers.count { return "extraReader" }
        let recipients = zip(readers, boxes).filter { $1.contains { $0 != 0 } }.map { $0.0 }
        let digest = Sodium.hash("peer-agent/readers/1", recipients.flatMap(\.bytes)).bytes
        if boxes.count == readers.count, digest != event.item(4).blob { return "extraReader" }
        if boxes.count < readers.count { return "badBody" }
        return nil
    }

    /// Whether this part follows its own rotation's part before it.
    private func continues() -> Bool {
        // A part that was not allowed begins nothing that could go on.
        guard event.deps.isEmpty, let before = world.prev(number), world.refusal[before] == nil
        else { return false }
        let other = world.events[before]
        return other.kind == 81 && other.number(5) + 1 == event.number(5)
            && [0, 1, 2, 3, 4, 6, 8].allSatisfy { other.item($0) == event.item($0) }
    }
}
