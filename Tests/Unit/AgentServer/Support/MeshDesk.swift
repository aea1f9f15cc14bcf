import AgentServer
import PeerNode
import PeerState
import PeerTesting

/// Real nodes on the in-memory network, each to be talked to through its tools.
actor MeshDesk {
    private let mesh: Mesh
    /// For what no tool can do.
    var network: Mesh { mesh }
    nonisolated let peers: [Peer.ID]
    private(set) var server: Server.ID
    private(set) var general: Channel.ID

    /// Node 0 owns a server, all others are members.
    init(seed: UInt64, count: Int) throws {
        print("seed \(seed)")
        let mesh = try Mesh(seed: seed, count: count)
        peers = (0..<count).map { mesh.peerID($0) }
        (server, general) = try mesh.gather()
        self.mesh = mesh
    }

    /// A client of one node.
    nonisolated func client(
        _ node: Int, configure: (inout AgentServerConfiguration) -> Void = { _ in }
    ) -> TestClient {
        TestClient(over: Seat(desk: self, node: node, peerID: peers[node]), configure: configure)
    }

    func settle() { mesh.run(for: .seconds(60)) }

    func hashes() -> Set<String> {
        Set(peers.indices.map { mesh.stateHash($0, server)?.hex ?? "none" })
    }

    func state(_ node: Int) -> ServerState? { mesh.core(node).servers[server]?.state }

    func act(_ node: Int, _ action: Action) throws -> Outcome {
        try mesh.act(node, action)
    }

    func card(
        _ node: Int, of peer: Peer.ID, in server: Server.ID
    ) throws -> MemberCard {
        try mesh.core(node).card(of: peer, in: server)
    }

    func explanation(_ node: Int, of event: Event.ID) -> EventExplanation? {
        mesh.core(node).explanation(of: event)
    }

    func agreement(_ node: Int, in server: Server.ID) throws -> StateAgreement {
        try mesh.core(node).agreement(in: server)
    }

    func snapshots(_ node: Int) -> [ServerSnapshot] {
        mesh.core(node).serverSnapshots()
    }

    func members(_ node: Int, _ server: Server.ID) throws -> [MemberSnapshot] {
        try mesh.core(node).memberSnapshots(in: server)
    }
}

/// One node of a desk as the agent layer sees it; texts are not shown.
struct Seat: AgentPort {
    let desk: MeshDesk
    let node: Int
    let peerID: Peer.ID
    /// Nobody advances it: nothing times out here.
    let clock = FakePort()
    var storeTag: UInt32 { 0x0102_0304 }

    private var state: ServerState {
        get async throws {
            guard let state = await desk.state(node) else { throw NodeFailure(.unknownServer) }
            return state
        }
    }

    func perform(_ action: Action) async throws -> Outcome { try await desk.act(node, action) }
    func displayName() async -> String { "node\(node)" }
    func servers() async -> [ServerSnapshot] { await desk.snapshots(node) }

    func namedChannels(in server: Server.ID) async throws -> [ChannelSnapshot] {
        try await channels(in: server)
    }

    func channels(in server: Server.ID) async throws -> [ChannelSnapshot] {
        try await state.holdingChannels.map { info in
            var channel = Fake.channel(1, name: info.name, server: server)
            channel.id = info.id
            channel.isVoice = info.isVoice
            return channel
        }
    }

    func members(in server: Server.ID) async throws -> [MemberSnapshot] {
        try await desk.members(node, server)
    }

    func roles(in server: Server.ID) async throws -> [RoleInfo] { try await state.roleInfos }

    func proposals(in server: Server.ID) async throws -> [ProposalInfo] {
        try await state.proposalInfos
    }

    func links(in server: Server.ID) async throws -> [LinkInfo] { try await state.linkInfos }

    func message(_ id: Event.ID) async throws -> MessageSnapshot {
        guard let info = try await state.message(id) else { throw NodeFailure(.unknownMessage) }
        var message = Fake.message(1, "", channel: info.channel)
        message.id = id
        message.server = try await state.id
        message.author = info.author
        return message
    }

    func page(_ request: PageRequest) async throws -> MessagePage {
        throw NodeFailure(.internalError, "no texts here")
    }

    func connection() async -> ConnectionSnapshot {
        ConnectionSnapshot(
            listening: [], links: [], queuedEvents: 0, oldestQueuedMilliseconds: nil)
    }

    func messageIDs(startingWith hexPrefix: String) async -> [Event.ID] { [] }

    func inbox(
        principal: String, channels: Set<Channel.ID>?, messagesPerChannel: Int
    ) async -> InboxSnapshot {
        InboxSnapshot(unread: 0, mentions: 0, entries: [], feed: 0)
    }

    func feedPosition() async -> UInt64 { 0 }

    func news(after feed: UInt64, filter: WaitFilter, limit: Int) async -> [MessageSnapshot] {
        []
    }

    func quietMilliseconds(filter: WaitFilter) async -> UInt64? { nil }

    func waitForNews(
        after feed: UInt64, filter: WaitFilter, timeout: Milliseconds
    ) async throws -> Bool { false }

    func current(of principal: String) async -> (server: Server.ID?, channel: Channel.ID?) {
        (await desk.server, nil)
    }

    func setCurrent(
        of principal: String, server: Server.ID?, channel: Channel.ID?
    ) async throws {}

    func changes() async -> AsyncStream<Set<NodeChange>> { AsyncStream { _ in } }
    func sleep(_ duration: Milliseconds) async throws { try await clock.sleep(duration) }
    func wallMilliseconds() async -> UInt64 { FakePort.start }
    func entropy(_ count: Int) async -> [UInt8] { Array(repeating: 0xAB, count: count) }
}

extension Seat {
    func search(_ request: SearchRequest) async throws -> MessageSearch {
        MessageSearch(hits: [], cursor: nil, total: 0)
    }

    func versions(of message: Event.ID) async throws -> [MessageVersion] { [] }
    func delivery(of message: MessageSnapshot) async -> MessageDelivery? { nil }
    func pins(of channel: Channel.ID, in server: Server.ID) async throws -> [PinSnapshot] { [] }

    func card(of peer: Peer.ID, in server: Server.ID) async throws -> MemberCard {
        try await desk.card(node, of: peer, in: server)
    }

    func firstSight(of peer: Peer.ID, in server: Server.ID) async throws -> UInt64? { nil }

    func explanation(of event: Event.ID) async throws -> EventExplanation? {
        await desk.explanation(node, of: event)
    }

    func eventIDs(startingWith hexPrefix: String) async -> [Event.ID] { [] }

    func agreement(in server: Server.ID) async throws -> StateAgreement {
        try await desk.agreement(node, in: server)
    }

    func verify(_ server: Server.ID, timeout: Milliseconds) async throws -> StateAgreement {
        try await agreement(in: server)
    }

    func mutes(of principal: String) async -> Mutes { Mutes() }
    func setMute(_ subject: MuteSubject, _ mute: Mute?, of principal: String) async throws {}

    func events(after feed: UInt64, limit: Int) async throws -> NodeEventPage {
        NodeEventPage(events: [], position: feed, hasMore: false, oldest: 0)
    }

    func notices() async -> AsyncStream<NodeEvent> { AsyncStream { _ in } }
}
