extension ServerState {
    mutating func addChannel(_ body: ChannelCreated, event: Event) {
        let id = Channel.ID(event.id)
        channels[id] = ChannelInfo(
            id: id, name: body.name, topic: body.topic, isVoice: body.isVoice,
            history: body.history, readers: body.readers, idleMilliseconds: body.idleMilliseconds,
            activity: graph.chains[event.author]?.wallPlus ?? event.wallMilliseconds,
            order: event.orderKey)
    }

    mutating func addMessage(_ body: MessagePosted, event: Event) {
        let info = MessageInfo(channel: body.channel, author: event.author, parent: body.parent)
        messages[event.id] = info
        messageRows.add(StateRows.message(event.id, info))
        let wallPlus = graph.chains[event.author]?.wallPlus ?? event.wallMilliseconds
        if let activity = channels[body.channel]?.activity, wallPlus > activity {
            channels[body.channel]?.activity = wallPlus
        }
        recordCauses(of: body.agent, event: event)
    }

    mutating func setProfile(
        _ peer: Peer.ID, _ field: UInt64, _ value: [UInt8], at order: OrderKey
    ) {
        if let present = profiles[peer]?[field], order < present.order { return }
        profiles[peer, default: [:]][field] = ProfileField(value: value, order: order)
    }

    /// The display name a peer chose in this server.
    package func displayName(of peer: Peer.ID) -> String? {
        guard let value = profiles[peer]?[ProfileUpdated.displayNameField]?.value,
            case .text(let name)? = decoded(value)
        else { return nil }
        return name
    }

    /// Whether a peer presents itself as an agent, or is one by the limits of its grant.
    package func isAgent(_ peer: Peer.ID) -> Bool {
        if standing(of: peer)?.isAttenuated == true { return true }
        guard let value = profiles[peer]?[ProfileUpdated.peerKindField]?.value else { return false }
        return decoded(value) == .unsigned(1)
    }

    private func decoded(_ value: [UInt8]) -> CBORValue? {
        // Stored fields passed the same decoder on arrival.
        do { return try CBORValue(decoding: value) } catch { return nil }
    }

    /// When a peer first became a member, by the clock of who granted it, ms.
    package func joinedMilliseconds(_ peer: Peer.ID) -> UInt64 {
        if peer == founder || isDirect { return createdMilliseconds }
        return grantsByTarget[peer]?.compactMap { grants[$0]?.wallPlus }.min() ?? 0
    }

    static var causeDepthMax: Int { 16 }
    static var fanOutMax: Int { 64 }

    func checkCauses(of agent: AgentFields?, event: Event) throws(Failure<RuleCode>) {
        for cause in agent?.causes ?? [] where graph[cause]?.isVoid != false {
            throw Failure(.unknownTarget, "cause")
        }
    }

    func checkFanOut(of agent: AgentFields?, event: Event) throws(Failure<RuleCode>) {
        guard let place = causePlace(of: agent, event: event) else { return }
        if place.depth > Self.causeDepthMax { throw Failure(.loopGuard, "answers of answers") }
        let count = answers[AnswerCount(author: event.author, root: place.root)] ?? 0
        if count >= Self.fanOutMax { throw Failure(.loopGuard, "too many answers to one event") }
    }

    private mutating func recordCauses(of agent: AgentFields?, event: Event) {
        guard let place = causePlace(of: agent, event: event) else { return }
        causeDepths[event.id] = place
        answers[AnswerCount(author: event.author, root: place.root), default: 0] += 1
    }

    private func causePlace(of agent: AgentFields?, event: Event) -> CausePlace? {
        guard let causes = agent?.causes, !causes.isEmpty else { return nil }
        let places = causes.map { causeDepths[$0] ?? CausePlace(depth: 0, root: $0) }
        let depth = 1 + (places.map(\.depth).max() ?? 0)
        let root = places.map(\.root).min() ?? causes[0]
        return CausePlace(depth: depth, root: root)
    }
}
