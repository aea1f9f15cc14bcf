/// One channel with every event that speaks about it as a whole.
///
/// What grows stands behind one reference, as records are copied out of their table for each event.
struct ChannelRecord: Sendable {
    struct Events: Sendable {
        var names: [(slot: Slot, text: String)]
        var topics: [(slot: Slot, text: String)]
        /// Reader rules; `nil` = every member.
        var rules: [(slot: Slot, readers: [Event.ID]?)]
        var deletions: [Slot] = []
        var epochIDs: [Epoch.ID] = []
    }

    let id: Channel.ID
    let slot: Slot
    let isVoice: Bool
    let history: ChannelCreated.History
    let idleMilliseconds: UInt64?
    @CopyOnWrite var events: Events
    /// Largest wall⁺ of the create event, posts and revives that take effect, ms.
    var activity: UInt64 = 0
    /// Sections 8 and 9 of its messages.
    var messageRows = RowSum()
    var reactionRows = RowSum()

    init(_ body: ChannelCreated, slot: Slot, id: Channel.ID) {
        self.id = id
        self.slot = slot
        isVoice = body.isVoice
        history = body.history
        idleMilliseconds = body.idleMilliseconds
        events = Events(
            names: [(slot, body.name)], topics: [(slot, body.topic)],
            rules: [(slot, body.readers)])
    }

    /// The only channel of a direct server.
    init(direct id: Channel.ID, slot: Slot) {
        self.id = id
        self.slot = slot
        isVoice = false
        history = .all
        idleMilliseconds = nil
        events = Events(names: [(slot, "")], topics: [(slot, "")], rules: [(slot, nil)])
    }

    /// Notes when something was posted or revived that takes effect.
    mutating func rise(to wallPlus: UInt64) {
        if wallPlus > activity { activity = wallPlus }
    }

    var names: [(slot: Slot, text: String)] { events.names }
    var topics: [(slot: Slot, text: String)] { events.topics }
    var rules: [(slot: Slot, readers: [Event.ID]?)] { events.rules }
    var deletions: [Slot] { events.deletions }
    var epochIDs: [Epoch.ID] { events.epochIDs }
}

/// One channel as it is now, without its messages.
package struct ChannelInfo: Hashable, Sendable {
    package let id: Channel.ID
    package let name: String
    package let topic: String
    package let isVoice: Bool
    package let history: ChannelCreated.History
    package let readers: [Event.ID]?
    package let idleMilliseconds: UInt64?
    package let activity: UInt64
    package let order: OrderKey
    package let epochIDs: [Epoch.ID]
}

/// One message as state knows it: never its text.
package struct MessageInfo: Hashable, Sendable {
    package enum Status: UInt64, Sendable { case posted = 1, edited, deleted }
    package let channel: Channel.ID
    package let author: Peer.ID
    package let parent: Event.ID?
    package let status: Status
    /// The event that holds the text: the post or its last edit.
    package let text: Event.ID
    /// Posted at or beyond a fork of its author.
    package let isMarked: Bool
}
