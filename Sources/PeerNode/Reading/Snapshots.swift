package import PeerState

/// One server as its list and its card show it.
package struct ServerSnapshot: Hashable, Sendable {
    package var id: Server.ID
    package var name: String
    package var description: String
    package var isDirect: Bool
    package var owner: Peer.ID?
    /// `owner`, `admin`, `moderator`, `member`, or `none` when this node is not (yet) a member.
    package var level: String
    package var permissions: [String]
    package var memberCount: Int
    package var displayName: String
    package var createdAtMilliseconds: UInt64
    package var threshold: String

    package init(
        id: Server.ID, name: String, description: String, isDirect: Bool, owner: Peer.ID?,
        level: String, permissions: [String], memberCount: Int, displayName: String,
        createdAtMilliseconds: UInt64, threshold: String
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.isDirect = isDirect
        self.owner = owner
        self.level = level
        self.permissions = permissions
        self.memberCount = memberCount
        self.displayName = displayName
        self.createdAtMilliseconds = createdAtMilliseconds
        self.threshold = threshold
    }
}

package struct ChannelSnapshot: Hashable, Sendable {
    package var id: Channel.ID
    package var server: Server.ID
    package var name: String
    package var topic: String
    package var isVoice: Bool
    /// `all` or `since_join`.
    package var history: String
    package var isRestricted: Bool
    /// Visible messages the channel has ever had here.
    package var channelSeq: UInt64
    package var lastAtMilliseconds: UInt64?
    /// Roles whose holders may read a restricted channel.
    package var roles: [Event.ID] = []
    /// `active`, `dormant` or `archived` of a channel that goes quiet by itself.
    package var idleState: String?
    /// The one channel of a conversation, named after its people.
    package var isDirect = false

    package init(
        id: Channel.ID, server: Server.ID, name: String, topic: String, isVoice: Bool,
        history: String, isRestricted: Bool, channelSeq: UInt64, lastAtMilliseconds: UInt64?
    ) {
        self.id = id
        self.server = server
        self.name = name
        self.topic = topic
        self.isVoice = isVoice
        self.history = history
        self.isRestricted = isRestricted
        self.channelSeq = channelSeq
        self.lastAtMilliseconds = lastAtMilliseconds
    }
}

package struct MemberSnapshot: Hashable, Sendable {
    package var id: Peer.ID
    package var displayName: String
    package var level: String
    package var isOnline: Bool
    package var isAgent: Bool
    package var joinedAtMilliseconds: UInt64
    package var presence: PresenceSnapshot?
    package var isSuspended = false
    /// In order of their ids.
    package var roles: [Event.ID] = []
    /// This node's owner compared the safety number.
    package var isVerified = false
    /// The owner's own name for the peer.
    package var nickname: String?

    package init(
        id: Peer.ID, displayName: String, level: String, isOnline: Bool, isAgent: Bool,
        joinedAtMilliseconds: UInt64
    ) {
        self.id = id
        self.displayName = displayName
        self.level = level
        self.isOnline = isOnline
        self.isAgent = isAgent
        self.joinedAtMilliseconds = joinedAtMilliseconds
    }
}

/// One visible message with everything that a page, a waiter or a resource shows.
package struct MessageSnapshot: Hashable, Sendable {
    package var id: Event.ID
    package var server: Server.ID
    package var channel: Channel.ID
    package var author: Peer.ID
    package var authorName: String
    package var text: String
    package var parent: Event.ID?
    package var lamport: UInt64
    package var authorSeq: UInt64
    /// The author's clock, clamped as PROTOCOL 3.3 says.
    package var atMilliseconds: UInt64
    package var isClamped: Bool
    /// The feed position that announced it: arrival order.
    package var feed: UInt64
    /// Its number among the channel's visible messages, in arrival order.
    package var channelSeq: UInt64
    package var isMention: Bool
    package var isLocal: Bool
    package var isAgent: Bool
    /// Display order put it before something announced earlier.
    package var isLate: Bool
    /// The principal of this node that sent it, when that is known.
    package var principal: String?
    /// `self`, `verified`, `member`, `new` or `former`.
    package var trust: String
    package var epoch: Epoch.ID
    package var isEdited = false
    /// Its text is gone; only its place is left.
    package var isDeleted = false
    /// Its key is not here: author and time are all that is known, and the text is empty.
    package var isSealed = false
    package var around = MessageSurroundings()
    package var files: [FileSnapshot] = []
    /// Only where one message is looked at.
    package var delivery: MessageDelivery?

    package init(
        id: Event.ID, server: Server.ID, channel: Channel.ID, author: Peer.ID, authorName: String,
        text: String, parent: Event.ID?, lamport: UInt64, authorSeq: UInt64, atMilliseconds: UInt64,
        isClamped: Bool, feed: UInt64, channelSeq: UInt64, isMention: Bool, isLocal: Bool,
        isAgent: Bool, isLate: Bool, principal: String?, trust: String, epoch: Epoch.ID
    ) {
        self.id = id
        self.server = server
        self.channel = channel
        self.author = author
        self.authorName = authorName
        self.text = text
        self.parent = parent
        self.lamport = lamport
        self.authorSeq = authorSeq
        self.atMilliseconds = atMilliseconds
        self.isClamped = isClamped
        self.feed = feed
        self.channelSeq = channelSeq
        self.isMention = isMention
        self.isLocal = isLocal
        self.isAgent = isAgent
        self.isLate = isLate
        self.principal = principal
        self.trust = trust
        self.epoch = epoch
    }
}

/// A position in a channel in display order.
package struct DisplayPosition: Hashable, Comparable, Sendable {
    package var lamport: UInt64
    package var author: Peer.ID
    package var seq: UInt64

    package init(lamport: UInt64, author: Peer.ID, seq: UInt64) {
        self.lamport = lamport
        self.author = author
        self.seq = seq
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.lamport, left.author, left.seq) < (right.lamport, right.author, right.seq)
    }
}

/// Which page of a channel to read. `after` and `before` exclude their position.
package struct PageRequest: Sendable {
    package enum Anchor: Sendable {
        case newest
        case after(DisplayPosition)
        case before(DisplayPosition)
        /// The last of those announced up to this feed position, and what stands before it.
        case told(UInt64)
        case around(Event.ID)
        /// Messages announced after this feed position, in arrival order.
        case feed(UInt64)
    }
    package var server: Server.ID
    package var channel: Channel.ID
    package var anchor: Anchor
    package var sinceMilliseconds: UInt64?
    /// Any message of a conversation, to see that alone.
    package var thread: Event.ID?
    package var limit: Int
    /// Shows messages whose key is not here as well; the node shows them to readers of the channel
    /// alone.
    package var showsSealed: Bool

    package init(
        server: Server.ID, channel: Channel.ID, anchor: Anchor, limit: Int,
        sinceMilliseconds: UInt64? = nil, thread: Event.ID? = nil, showsSealed: Bool = false
    ) {
        self.server = server
        self.channel = channel
        self.anchor = anchor
        self.limit = limit
        self.sinceMilliseconds = sinceMilliseconds
        self.thread = thread
        self.showsSealed = showsSealed
    }
}

package struct MessagePage: Sendable {
    package var channel: ChannelSnapshot
    /// Display order (arrival order for `.feed`).
    package var messages: [MessageSnapshot]
    package var hasMoreBefore: Bool
    package var hasMoreAfter: Bool
    /// Messages beyond the page in the direction of reading.
    package var remaining: Int
    package var feed: UInt64

    package init(
        channel: ChannelSnapshot, messages: [MessageSnapshot], hasMoreBefore: Bool,
        hasMoreAfter: Bool, remaining: Int, feed: UInt64
    ) {
        self.channel = channel
        self.messages = messages
        self.hasMoreBefore = hasMoreBefore
        self.hasMoreAfter = hasMoreAfter
        self.remaining = remaining
        self.feed = feed
    }
}

package struct InboxEntry: Sendable {
    package var channel: ChannelSnapshot
    package var isDirect: Bool
    package var unread: Int
    package var mentions: Int
    /// Oldest unread first, at most as many as asked for.
    package var messages: [MessageSnapshot]
    /// Counted by its mentions only.
    package var isMuted = false

    package init(
        channel: ChannelSnapshot, isDirect: Bool, unread: Int, mentions: Int,
        messages: [MessageSnapshot]
    ) {
        self.channel = channel
        self.isDirect = isDirect
        self.unread = unread
        self.mentions = mentions
        self.messages = messages
    }
}

package struct InboxSnapshot: Sendable {
    package var unread: Int
    package var mentions: Int
    package var entries: [InboxEntry]
    package var feed: UInt64

    package init(unread: Int, mentions: Int, entries: [InboxEntry], feed: UInt64) {
        self.unread = unread
        self.mentions = mentions
        self.entries = entries
        self.feed = feed
    }
}

package struct LinkSnapshot: Hashable, Sendable {
    package var peer: Peer.ID
    package var displayName: String
    package var address: String
    package var sinceMilliseconds: UInt64
    package var servers: [Server.ID]
    /// Of the last ping, or of the handshake.
    package var roundTrip: Milliseconds?

    package init(
        peer: Peer.ID, displayName: String, address: String, sinceMilliseconds: UInt64,
        servers: [Server.ID]
    ) {
        self.peer = peer
        self.displayName = displayName
        self.address = address
        self.sinceMilliseconds = sinceMilliseconds
        self.servers = servers
    }
}

/// How far a message has come, as far as this node can tell; its author is not counted.
package struct MessageDelivery: Hashable, Sendable {
    /// Members who have it or are linked with this node now.
    package var reached: Int
    /// Members who have written something since that rests on it.
    package var acknowledged: Int
    /// Whether all who might remove its author know it (PROTOCOL 5.10).
    package var isStable: Bool

    package init(reached: Int, acknowledged: Int, isStable: Bool) {
        self.reached = reached
        self.acknowledged = acknowledged
        self.isStable = isStable
    }
}

package struct ConnectionSnapshot: Hashable, Sendable {
    package var listening: [String]
    package var links: [LinkSnapshot]
    /// Own events that no peer has been handed yet, and the time of the oldest.
    package var queuedEvents: Int
    package var oldestQueuedMilliseconds: UInt64?
    /// Addresses the operator gave whose peer is not linked.
    package var dialling: [DialSnapshot] = []

    package init(
        listening: [String], links: [LinkSnapshot], queuedEvents: Int,
        oldestQueuedMilliseconds: UInt64?
    ) {
        self.listening = listening
        self.links = links
        self.queuedEvents = queuedEvents
        self.oldestQueuedMilliseconds = oldestQueuedMilliseconds
    }
}

/// What a waiter wants to be woken for.
package struct WaitFilter: Sendable {
    package var principal: String
    /// `nil` = every channel this principal may read.
    package var channels: Set<Channel.ID>?
    package var authors: Set<Peer.ID>?
    package var mentionsOnly: Bool
    /// Authors who are not to be heard; the node sets it.
    var excluded: Set<Peer.ID> = []

    package init(
        principal: String, channels: Set<Channel.ID>? = nil, authors: Set<Peer.ID>? = nil,
        mentionsOnly: Bool = false
    ) {
        self.principal = principal
        self.channels = channels
        self.authors = authors
        self.mentionsOnly = mentionsOnly
    }
}

/// A change that a resource subscriber may care about; carries no content.
package enum NodeChange: Hashable, Sendable {
    case identity
    case connection
    case servers
    case server(Server.ID)
    case channels(Server.ID)
    case members(Server.ID)
    case messages(Server.ID, Channel.ID)
    case unread(Server.ID)
    case typing(Server.ID, Channel.ID)
    case voice(Server.ID, Channel.ID)
    case roles(Server.ID)
    case proposals(Server.ID)
    case links(Server.ID)
    case agreement(Server.ID)
    /// The feed has more.
    case feed
}

extension Limits {
    /// Members of a server up to which it is counted who has a message.
    static let deliveryMembers = 512
}
