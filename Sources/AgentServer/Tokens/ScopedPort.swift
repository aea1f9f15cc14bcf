package import PeerNode
package import PeerState

/// A node as one principal may see it: channels that its rules leave out are not there at all.
///
/// Tools and resources find channels and messages only through it, so what it hides cannot be
/// named, counted, searched or waited for.
/// - Source: MCP 9.1.
package struct ScopedPort: AgentPort {
    let base: any AgentPort
    let rules: ChannelRules
    /// Whether texts of authors that were not verified are withheld (MCP 8.5).
    let isLocked: Bool

    package init(_ base: any AgentPort, rules: ChannelRules, isLocked: Bool = false) {
        self.base = base
        self.rules = rules
        self.isLocked = isLocked
    }

    package var peerID: Peer.ID { base.peerID }
    package var storeTag: UInt32 { base.storeTag }
    package var isFillingTexts: Bool { get async { await base.isFillingTexts } }

    package func perform(_ action: Action) async throws -> Outcome {
        switch action {
        case .postMessage(let post): try await need(post.channel)
        case .markRead(let mark): try await need(mark.channel)
        case .content(_, let message, _, _): _ = try await self.message(message)
        case .channel(let act, _):
            if let channel = act.channel { try await need(channel) }
        case .live(let act): try await check(act)
        case .openDirect where !rules.direct:
            throw NodeFailure(.noPermission, "direct messages are not for this token")
        default: break
        }
        return try await base.perform(action)
    }

    package func displayName() async -> String { await base.displayName() }
    package func servers() async -> [ServerSnapshot] {
        await base.servers().filter { !hides($0) }
    }

    package func channels(in server: Server.ID) async throws -> [ChannelSnapshot] {
        await admitted(try await base.channels(in: server), in: server)
    }

    package func namedChannels(in server: Server.ID) async throws -> [ChannelSnapshot] {
        await admitted(try await base.namedChannels(in: server), in: server)
    }

    package func members(in server: Server.ID) async throws -> [MemberSnapshot] {
        try await base.members(in: server)
    }

    package func roles(in server: Server.ID) async throws -> [RoleInfo] {
        try await base.roles(in: server)
    }

    package func proposals(in server: Server.ID) async throws -> [ProposalInfo] {
        try await base.proposals(in: server)
    }

    package func links(in server: Server.ID) async throws -> [LinkInfo] {
        try await base.links(in: server)
    }

    package func connection() async -> ConnectionSnapshot {
        let hidden = await hiddenServers()
        var connection = await base.connection()
        for index in connection.links.indices {
            connection.links[index].servers.removeAll { hidden.contains($0) }
        }
        return connection
    }

    package func health() async -> NodeHealth { await base.health() }

    package func page(_ request: PageRequest) async throws -> MessagePage {
        try await need(request.channel)
        return shown(try await base.page(request))
    }

    package func message(_ id: Event.ID) async throws -> MessageSnapshot {
        let message = try await base.message(id)
        guard await allowed().contains(message.channel) else {
            throw NodeFailure(.unknownMessage, "")
        }
        return shown(message)
    }

    package func messageIDs(startingWith hexPrefix: String) async -> [Event.ID] {
        let allowed = await allowed()
        var found: [Event.ID] = []
        for id in await base.messageIDs(startingWith: hexPrefix) {
            do {
                if allowed.contains(try await base.message(id).channel) { found.append(id) }
            } catch {
                continue  // It went away in between.
            }
        }
        return found
    }

    package func inbox(
        principal: String, channels: Set<Channel.ID>?, messagesPerChannel: Int
    ) async -> InboxSnapshot {
        shown(
            await base.inbox(
                principal: principal, channels: await narrowed(channels),
                messagesPerChannel: messagesPerChannel))
    }

    package func feedPosition() async -> UInt64 { await base.feedPosition() }

    package func news(
        after feed: UInt64, filter: WaitFilter, limit: Int
    ) async -> [MessageSnapshot] {
        await base.news(after: feed, filter: await narrowed(filter), limit: limit).map(shown)
    }

    package func quietMilliseconds(filter: WaitFilter) async -> UInt64? {
        await base.quietMilliseconds(filter: await narrowed(filter))
    }

    package func waitForNews(
        after feed: UInt64, filter: WaitFilter, timeout: Milliseconds
    ) async throws -> Bool {
        try await base.waitForNews(
            after: feed, filter: await narrowed(filter), timeout: timeout)
    }

    package func current(
        of principal: String
    ) async -> (server: Server.ID?, channel: Channel.ID?) {
        let current = await base.current(of: principal)
        if let server = current.server, await hiddenServers().contains(server) {
            return (nil, nil)
        }
        guard let channel = current.channel, await !allowed().contains(channel) else {
            return current
        }
        return (current.server, nil)
    }

    package func setCurrent(
        of principal: String, server: Server.ID?, channel: Channel.ID?
    ) async throws {
        if let channel { try await need(channel) }
        try await base.setCurrent(of: principal, server: server, channel: channel)
    }

    package func changes() async -> AsyncStream<Set<NodeChange>> { await base.changes() }
    package func sleep(_ duration: Milliseconds) async throws { try await base.sleep(duration) }
    package func wallMilliseconds() async -> UInt64 { await base.wallMilliseconds() }
    package func entropy(_ count: Int) async -> [UInt8] { await base.entropy(count) }
}

extension ScopedPort {
    private func admitted(
        _ channels: [ChannelSnapshot], in server: Server.ID
    ) async -> [ChannelSnapshot] {
        guard let known = await base.servers().first(where: { $0.id == server }) else {
            return []
        }
        return channels.filter { admits($0, in: known) }
    }

    private func admits(_ channel: ChannelSnapshot, in server: ServerSnapshot) -> Bool {
        let place = (id: server.id.hex, name: server.name)
        let named = (id: channel.id.hex, name: channel.name)
        guard server.isDirect else { return rules.admits(server: place, channel: named) }
        return rules.direct && !rules.denies(server: place, channel: named)
    }

    /// A conversation is a server: where its only channel is not there, it is not there either.
    private func hides(_ server: ServerSnapshot) -> Bool { server.isDirect && !rules.direct }

    func hiddenServers() async -> Set<Server.ID> {
        rules.direct ? [] : Set(await base.servers().filter(hides).map(\.id))
    }

    func allowed() async -> Set<Channel.ID> {
        var result: Set<Channel.ID> = []
        for server in await base.servers() {
            do {
                let channels = try await base.namedChannels(in: server.id)
                result.formUnion(channels.filter { admits($0, in: server) }.map(\.id))
            } catch {
                continue  // Left in between: none of its channels is there.
            }
        }
        return result
    }

    func need(_ channel: Channel.ID) async throws {
        guard await allowed().contains(channel) else {
            throw NodeFailure(.unknownChannel, "")
        }
    }

    private func narrowed(_ channels: Set<Channel.ID>?) async -> Set<Channel.ID> {
        let allowed = await allowed()
        return channels.map { $0.intersection(allowed) } ?? allowed
    }

    private func narrowed(_ filter: WaitFilter) async -> WaitFilter {
        var copy = filter
        copy.channels = await narrowed(filter.channels)
        return copy
    }
}

extension MCPDispatcher {
    /// What a request of a principal may use.
    nonisolated func call(_ access: Access, _ exchange: MCPExchange? = nil) -> ToolCall {
        let rules = access.channels
        let own: any AgentPort =
            rules.admitsEverything && !access.lockdown
            ? port : ScopedPort(port, rules: rules, isLocked: access.lockdown)
        var call = ToolCall(port: own, access: access, exchange: exchange)
        call.fileSize = configuration.fileSize ?? Limits.fileSize
        call.turnstile = turnstile
        return call
    }
}
