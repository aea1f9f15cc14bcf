package import PeerState

/// Everything a caller may ask the node to change; the only way to change anything.
package enum Action: Sendable {
    /// Creates a server of kind group, its channel `general`, the author's prekey and first epoch.
    /// - Parameter threshold: `count` may say 1 only, as nobody else could vote yet.
    case createServer(name: String, description: String, threshold: Threshold = .majority)
    case postMessage(PostMessage)
    /// Sets the display name in one server, or everywhere and for servers to come when `nil`.
    case setDisplayName(server: Server.ID?, name: String)
    /// Grants `level` to `recipient` and makes the invite text that carries addresses (PROTOCOL
    /// 4.5).
    /// - Parameter role: assigned in the same act; only who grants at once can do that.
    case invite(
        server: Server.ID, recipient: Peer.ID, expiresAtMilliseconds: UInt64?,
        role: Event.ID? = nil)
    case acceptInvite(code: String)
    case markRead(ReadMark)
    case addPeer(address: String, identity: Peer.ID?)
    /// Lets a peer keep and serve history that it cannot read.
    case authorizeWorker(Peer.ID, in: Server.ID)
    /// Acts on one message, by `principal` of this node.
    case content(ContentAct, on: Event.ID, in: Server.ID, principal: String)
    case channel(ChannelAct, in: Server.ID)
    case server(ServerAct, in: Server.ID)
    /// A rehearsal writes nothing and says what would fall and come back (PROTOCOL 5.9).
    case rights(RightsChange, in: Server.ID, isRehearsal: Bool)
    case vote(VoteAct, in: Server.ID)
    case link(LinkAct, in: Server.ID)
    case live(LiveAct)
    /// The conversation of this node and one to seven others, opened or found.
    case openDirect(with: [Peer.ID])
    /// Notes something about a peer; local, never an event.
    case setContact(Peer.ID, ContactChange)
}

/// A message to write; `principal` is who asks on this node, for idempotency and read marks.
package struct PostMessage: Sendable {
    package var principal: String
    package var server: Server.ID
    package var channel: Channel.ID
    package var text: String
    package var parent: Event.ID?
    /// Same id and same text again → the first outcome with `isDuplicate` (MCP 7.4).
    package var clientMessageID: String?
    /// Refused as `stale` when others posted since this `channelSeq`.
    package var expectedSeq: UInt64?
    /// The messages this one answers, for the loop guard; at most four.
    package var causes: [Event.ID] = []
    /// The text that was being written and becomes this message; 16 bytes.
    package var stream: [UInt8]?
    /// Files that come with it; their chunks are here already. With one the text may be empty.
    package var attachments: [Attachment] = []
    /// What the store says about the messages this one speaks of; set by who hands it to the core.
    package var known = Known()

    /// - Source: `NodeStorage.known(about:)`.
    package struct Known: Sendable {
        /// The feed position that announced the parent.
        package var parentFeed: UInt64?
        /// Its place in display order.
        package var parentOrder: OrderKey?
        /// The number of the message first sent under the same client id.
        package var earlierSeq: UInt64?
    }

    package init(
        principal: String, server: Server.ID, channel: Channel.ID, text: String,
        parent: Event.ID? = nil, clientMessageID: String? = nil, expectedSeq: UInt64? = nil
    ) {
        self.principal = principal
        self.server = server
        self.channel = channel
        self.text = text
        self.parent = parent
        self.clientMessageID = clientMessageID
        self.expectedSeq = expectedSeq
    }
}
