package import PeerState

/// Views of what a node's state knows beyond its lists.
package protocol ViewsPort: Sendable {
    /// Finds messages in the places of the request.
    ///
    /// - Errors: `storeFailed`.
    func search(_ request: SearchRequest) async throws -> MessageSearch

    /// Earlier texts of a message, oldest first, without the one that is shown; at most
    /// `Limits.versionsShown`.
    ///
    /// - Errors: `unknownMessage`.
    func versions(of message: Event.ID) async throws -> [MessageVersion]

    /// How far a message has come; walks back through what came since, so it is asked for one
    /// message that somebody looks at. `nil` where saying so would take long.
    func delivery(of message: MessageSnapshot) async -> MessageDelivery?

    /// - Errors: `unknownChannel`.
    func pins(of channel: Channel.ID, in server: Server.ID) async throws -> [PinSnapshot]

    /// Everything one server shows of somebody who is or was a member.
    ///
    /// - Errors: `unknownPeer`.
    func card(of peer: Peer.ID, in server: Server.ID) async throws -> MemberCard

    /// When this node stored the first event it has of somebody, ms since 1970; `nil` while it has
    /// none. It asks the store, so it is for one member that somebody looks at.
    func firstSight(of peer: Peer.ID, in server: Server.ID) async throws -> UInt64?

    /// Why an event has effect or has none, as data; `nil` where no server holds it.
    func explanation(of event: Event.ID) async throws -> EventExplanation?

    /// Stored events whose id begins with these hexadecimal digits (at least 16), at most 3.
    func eventIDs(startingWith hexPrefix: String) async -> [Event.ID]

    /// How far other nodes hold the same; as last heard.
    func agreement(in server: Server.ID) async throws -> StateAgreement

    /// Asks every linked member of a server and waits until all answered or the time is up.
    func verify(_ server: Server.ID, timeout: Milliseconds) async throws -> StateAgreement

    /// Channels and servers whose news a principal does not want counted.
    func mutes(of principal: String) async -> Mutes
    func setMute(_ subject: MuteSubject, _ mute: Mute?, of principal: String) async throws
}

/// A text that a message had before.
package struct MessageVersion: Hashable, Sendable {
    package var atMilliseconds: UInt64
    package var text: String

    package init(atMilliseconds: UInt64, text: String) {
        self.atMilliseconds = atMilliseconds
        self.text = text
    }
}

/// A pinned message, with who pinned it.
package struct PinSnapshot: Hashable, Sendable {
    package var message: MessageSnapshot
    package var author: Peer.ID
    package var authorName: String
    package var atMilliseconds: UInt64

    package init(
        message: MessageSnapshot, author: Peer.ID, authorName: String, atMilliseconds: UInt64
    ) {
        self.message = message
        self.author = author
        self.authorName = authorName
        self.atMilliseconds = atMilliseconds
    }
}

/// One emoji under a message.
package struct ReactionCount: Hashable, Sendable {
    package var emoji: String
    /// In the order in which they came.
    package var authors: [String]
    package var isMine: Bool

    package init(emoji: String, authors: [String], isMine: Bool) {
        self.emoji = emoji
        self.authors = authors
        self.isMine = isMine
    }

    package var count: Int { authors.count }
}

extension Limits {
    package static let versionsShown = 50
    /// Emoji of reactions kept at hand; the store has the rest.
    package static let reactionTextsKept = 65_536
}
