package import PeerState

/// What an action really did (MCP 3.1).
package struct Outcome: Sendable {
    package enum Kind: String, Sendable { case applied, proposed, queued, unchanged }

    package var kind: Kind
    /// The event that carries the act, or that already made it so.
    package var event: Event.ID?
    package var seq: UInt64?
    package var server: Server.ID?
    /// Connected peers of that server it was handed to.
    package var reached: Int
    package var isDuplicate = false
    /// `peer`, `key` or `provider` when `kind` is `queued`.
    package var waitingFor: String?
    package var channel: Channel.ID?
    /// For posts: the channel's count of visible messages, this one included.
    package var channelSeq: UInt64?
    /// The feed position after the act.
    package var feed: UInt64
    /// For `invite` and links: the text to hand over. It is a credential.
    package var inviteCode: String?
    package var expiresAtMilliseconds: UInt64?
    package var name: String?
    package var inviter: Peer.ID?
    /// Emoji of the message and how often each stands there, as far as they can be read.
    package var reactions: [String: Int]?
    /// Messages pinned in the channel.
    package var pinCount: Int?
    package var level: Level?
    package var permissions: Permissions?
    package var roles: [Event.ID]?
    /// Members whom the act on a role concerned.
    package var affected: Int?
    /// The pin of a lowering.
    package var lastAccepted: Cut?
    /// Events that the act took the effect of, or would.
    package var voided: [Event.ID] = []
    /// Events that the act gave their effect back, or would.
    package var returned: [Event.ID] = []
    package var isRehearsal = false
    package var rotated: [Channel.ID] = []
    /// Keys of a channel that were handed over.
    package var epochs: Int?
    /// `active`, `dormant` or `archived`.
    package var idleState: String?
    package var peer: Peer.ID?
    package var vote: VoteCount?
    package var live: LiveFacts?
    /// Names in a text that several members have: nobody was mentioned by them.
    package var unresolved: [String] = []

    /// Where a proposal stands after an act.
    package struct VoteCount: Hashable, Sendable {
        package var proposal: Event.ID
        package var have: Int
        package var need: Int
        package var against: Int
        package var electorate: Int
        package var lifeLeft: UInt64
        /// `open`, `enacted`, `failed`, `withdrawn` or `expired`.
        package var state: String

        package init(_ info: ProposalInfo) {
            proposal = info.id
            have = info.yes.count
            need = info.needed
            against = info.noCount
            electorate = info.electorate.count
            lifeLeft = info.lifeLeft
            state = String(describing: info.status)
        }
    }

    package init(_ kind: Kind, server: Server.ID? = nil, reached: Int = 0, feed: UInt64 = 0) {
        self.kind = kind
        self.server = server
        self.reached = reached
        self.feed = feed
    }
}
