/// One server as its stored events make it: who may do what, its channels, keys and messages.
///
/// A pure function of the event set: any order of arrival gives the same value and hash. Text is
/// never here, so peers without keys hold the same state (PROTOCOL 6.1).
package struct ServerState: Sendable {
    package let id: Server.ID
    /// Whose node holds this state; only decides which sealed boxes are kept at hand.
    let viewer: Peer.ID?
    package internal(set) var graph = EventGraph()

    // Server
    package internal(set) var created: ServerCreated?
    package internal(set) var founder: Peer.ID?
    package internal(set) var createdMilliseconds: UInt64 = 0

    // Authority
    var grants: [Event.ID: Grant] = [:]
    var grantsByTarget: [Peer.ID: [Event.ID]] = [:]

    // People
    var profiles: [Peer.ID: [UInt64: ProfileField]] = [:]
    var prekeys: [Peer.ID: [Prekey]] = [:]

    // Channels, keys and messages
    package internal(set) var channels: [Channel.ID: ChannelInfo] = [:]
    package internal(set) var epochs: [Epoch.ID: EpochInfo] = [:]
    var rotationParts: [Event.ID: RotationProgress] = [:]
    package internal(set) var messages: [Event.ID: MessageInfo] = [:]
    var causeDepths: [Event.ID: CausePlace] = [:]
    var answers: [AnswerCount: Int] = [:]

    // Sections whose rows are many are summed as they change; see `StateHash`.
    var messageRows = RowSum()
    var voidRows = RowSum()

    package init(id: Server.ID, viewer: Peer.ID? = nil) {
        self.id = id
        self.viewer = viewer
    }

    /// Whether the create event is here; nothing else can be stored before it.
    package var isFounded: Bool { created != nil }
    package var isDirect: Bool { created?.isDirect ?? false }
    package var name: String { isDirect ? "" : created?.name ?? "" }

    package var owner: Peer.ID? { isDirect ? nil : founder }

    mutating func found(_ body: ServerCreated, event: Event) {
        created = body
        founder = event.author
        createdMilliseconds = event.wallMilliseconds
        guard body.isDirect else { return }
        let channel = Channel.ID(id)
        channels[channel] = ChannelInfo(
            id: channel, name: "", topic: "", isVoice: false, history: .all, readers: nil,
            idleMilliseconds: nil, activity: event.wallMilliseconds, order: event.orderKey)
    }
}

/// One channel without its messages.
package struct ChannelInfo: Hashable, Sendable {
    package let id: Channel.ID
    package let name: String
    package let topic: String
    package let isVoice: Bool
    package let history: ChannelCreated.History
    package let readers: [Event.ID]?
    package let idleMilliseconds: UInt64?
    /// Largest wall⁺ of its create event and posts, ms.
    package internal(set) var activity: UInt64
    package let order: OrderKey
    package internal(set) var epochIDs: [Epoch.ID] = []
}

/// One message as state knows it: never its text.
package struct MessageInfo: Hashable, Sendable {
    package let channel: Channel.ID
    package let author: Peer.ID
    package let parent: Event.ID?
}

/// The last write to one profile field.
struct ProfileField: Hashable, Sendable {
    let value: [UInt8]
    let order: OrderKey
}

/// One published prekey.
struct Prekey: Hashable, Sendable {
    let event: Event.ID
    let seq: UInt64
    let key: Exchange.PublicKey
}

/// How deep an event stands in a chain of answers, and what started it.
struct CausePlace: Hashable, Sendable {
    let depth: Int
    let root: Event.ID
}

struct AnswerCount: Hashable, Sendable {
    let author: Peer.ID
    let root: Event.ID
}
