import PeerState

extension OracleRules {
    func channelRefusal() -> String? {
        if event.kind == 50 {
            let named = event.items(4)
            if let problem = rolesProblem(named) { return problem }
            if world.isDirect || lacks(OracleView.manageChannels) { return "noPermission" }
            if event.item(4) == .null { return nil }
            let holds = named.contains { role in
                role.identifier().map { view.hasRole(author, $0) } ?? false
            }
            return holds ? nil : "notReader"
        }
        if let problem = view.channelProblem(event.event(0)) { return problem }
        if event.kind == 55 { return writingProblem(event.event(0)) }
        if event.kind == 54, let problem = rolesProblem(event.items(1)) { return problem }
        if world.isDirect || lacks(OracleView.manageChannels) { return "noPermission" }
        guard event.kind == 54, let channel = view.channel(event.event(0)) else { return nil }
        let isRestricted = view.readerRoles(channel) != .null
        return isRestricted && !view.isReader(author, of: channel) ? "notReader" : nil
    }

    private func rolesProblem(_ roles: [CBORValue]) -> String? {
        for role in roles {
            if let problem = view.roleProblem(role.identifier()) { return problem }
        }
        return nil
    }

    /// SendMessages and reader.
    func writingProblem(_ id: Event.ID?) -> String? {
        if lacks(OracleView.sendMessages) { return "noPermission" }
        return readingProblem(id)
    }

    private func readingProblem(_ id: Event.ID?) -> String? {
        guard let channel = view.channel(id) else { return "unknownTarget" }
        return view.isReader(author, of: channel) ? nil : "notReader"
    }

    func contentRefusal() -> String? {
        switch event.kind {
        case 60: return postRefusal()
        case 64: return unreactRefusal()
        default: break
        }
        if let problem = view.messageProblem(event.event(0)) { return problem }
        guard let message = view.thing(event.event(0), kind: 60) else { return "unknownTarget" }
        let post = world.events[message]
        switch event.kind {
        case 61, 63:
            if let problem = writingProblem(post.event(0)) { return problem }
            if event.kind == 61 && post.author != author { return "notAuthor" }
            let epoch = view.epoch(event.event(1), of: post.event(0))
            return epoch == nil ? "unknownEpoch" : nil
        case 62:
            if post.author == author { return nil }
            let isBelow = (view.level(post.author) ?? 0) <= level
            return isBelow && !lacks(OracleView.moderateMessages) ? nil : "noPermission"
        default:
            if !world.isDirect && lacks(OracleView.managePins) { return "noPermission" }
            return readingProblem(post.event(0))
        }
    }

    private func unreactRefusal() -> String? {
        if let problem = view.reactionProblem(event.event(0)) { return problem }
        return isOwnContent || !lacks(OracleView.moderateMessages) ? nil : "noPermission"
    }

    /// Whether the message or reaction that a delete or remove names is its author's own.
    var isOwnContent: Bool {
        world.number(event.event(0)).map { world.events[$0].author == author } ?? false
    }

    private func postRefusal() -> String? {
        let id = event.event(0)
        if let problem = view.channelProblem(id) { return problem }
        var parent: Int?
        if event.item(4) != .null {
            parent = view.thing(event.event(4), kind: 60)
            if parent == nil { return "unknownTarget" }
        }
        for cause in event.causes {
            guard let cause = world.number(cause), view.isAdmissible(cause) else {
                return "unknownTarget"
            }
        }
        if let problem = writingProblem(id) { return problem }
        if !world.isDirect, let channel = view.channel(id), world.events[channel].number(1) != 0 {
            return "wrongChannel"
        }
        if let parent, world.events[parent].event(0) != id { return "wrongChannel" }
        if view.epoch(event.event(1), of: id) == nil { return "unknownEpoch" }
        return isLooping ? "loopGuard" : nil
    }

    /// The loop guard of 4.7.
    private var isLooping: Bool {
        guard !event.causes.isEmpty else { return false }
        if world.causeDepth(number) > world.limits.causeDepth { return true }
        let root = world.causeRoot(number)
        let alike = world.chain[number].members.filter {
            !world.events[$0].causes.isEmpty && world.causeRoot($0) == root
        }
        return alike.count > world.limits.fanOut
    }
}

extension OracleWorld {
    func causeDepth(_ number: Int) -> Int {
        events[number].causes.compactMap { self.number($0) }
            .map { causeDepth($0) + 1 }.max() ?? 0
    }

    func causeRoot(_ number: Int) -> Event.ID {
        let roots = events[number].causes.compactMap { self.number($0) }.map { causeRoot($0) }
        return roots.min() ?? events[number].id
    }
}
