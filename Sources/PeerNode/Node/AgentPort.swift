package import PeerState

/// What the agent layer may ask of a node: perform an action, read a view, wait, subscribe.
///
/// The running `Node` is one implementation; tests of the agent layer use a scripted one.
/// - Isolation: any; the node hops to its loop, which is free when the caller is already there.
package protocol AgentPort:
    ViewsPort, EventsPort, LivePort, ReachPort, FilePort, ArchivePort, TrustPort, KeyPort,
    Sendable
{
    var peerID: Peer.ID { get }
    /// First four bytes of the hash of the database's instance id, for cursors (MCP 7.1).
    var storeTag: UInt32 { get }

    /// Validates, signs, commits, folds and hands on; returns what really happened.
    /// - Errors: `NodeFailure`; after a throw nothing was signed.
    func perform(_ action: Action) async throws -> Outcome

    /// The name this node uses where a server sets no other.
    func displayName() async -> String
    func servers() async -> [ServerSnapshot]
    func channels(in server: Server.ID) async throws -> [ChannelSnapshot]
    /// The same without when each was last written to, which alone needs the store.
    func namedChannels(in server: Server.ID) async throws -> [ChannelSnapshot]
    func members(in server: Server.ID) async throws -> [MemberSnapshot]
    func roles(in server: Server.ID) async throws -> [RoleInfo]
    /// Newest first.
    func proposals(in server: Server.ID) async throws -> [ProposalInfo]
    func links(in server: Server.ID) async throws -> [LinkInfo]
    func connection() async -> ConnectionSnapshot
    /// Asks the loop and the store; returns when both have answered.
    func health() async -> NodeHealth
    func page(_ request: PageRequest) async throws -> MessagePage
    func message(_ id: Event.ID) async throws -> MessageSnapshot
    /// Messages whose id begins with these hexadecimal digits (at least 16), at most 3.
    func messageIDs(startingWith hexPrefix: String) async -> [Event.ID]
    /// - Parameter channels: `nil` = all.
    func inbox(
        principal: String, channels: Set<Channel.ID>?, messagesPerChannel: Int
    ) async -> InboxSnapshot
    func feedPosition() async -> UInt64
    /// Messages announced after `feed` that match, arrival order, at most `limit`.
    func news(after feed: UInt64, filter: WaitFilter, limit: Int) async -> [MessageSnapshot]
    /// Milliseconds since a message matching the filter last arrived; `nil` if none ever did.
    func quietMilliseconds(filter: WaitFilter) async -> UInt64?

    /// Returns when a message newer than `feed` matches, or when `timeout` has passed, or when
    /// the calling task is cancelled; the check and the registration are one step.
    /// - Returns: whether something matches now.
    /// - Errors: `tooManyWaiters`, `shuttingDown`.
    func waitForNews(
        after feed: UInt64, filter: WaitFilter, timeout: Milliseconds
    ) async throws -> Bool

    /// The current server and channel of a principal (kept in the store).
    func current(of principal: String) async -> (server: Server.ID?, channel: Channel.ID?)
    func setCurrent(of principal: String, server: Server.ID?, channel: Channel.ID?) async throws

    /// Every change from now on; the stream holds a set, so a slow reader loses no subject.
    func changes() async -> AsyncStream<Set<NodeChange>>

    /// Whether texts are being written anew: reading messages, and counting them, waits for that.
    var isFillingTexts: Bool { get async }
    /// Suspends for `duration` on the node's clock (virtual in tests), or until cancelled.
    func sleep(_ duration: Milliseconds) async throws
    /// ms since 1970 on the node's clock.
    func wallMilliseconds() async -> UInt64
    /// Random bytes from the node's entropy.
    func entropy(_ count: Int) async -> [UInt8]
}

extension AgentPort {
    package func health() async -> NodeHealth { NodeHealth() }
    package var isFillingTexts: Bool { get async { false } }
}
