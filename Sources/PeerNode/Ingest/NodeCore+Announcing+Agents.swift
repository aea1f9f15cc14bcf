import PeerNet
import PeerState

// Files, conversations, joins, and what waits to be handed on: news that no event kind of its own
// stands for.
extension NodeCore {
    /// Announces the files of a message that was just announced, each with its own number.
    mutating func announceFiles(_ count: Int, of post: Event.ID, in server: Server.ID) {
        for position in 0..<min(count, MessageText.attachmentsMax) {
            feed += 1
            current.batch.feed.append(
                FeedRow(
                    position: feed, server: server, event: post,
                    kind: NodeEventKind.fileAnnounced.rawValue,
                    atMilliseconds: now.wallMilliseconds, channelSeq: UInt64(position)))
            current.announced = feed
        }
    }

    /// Fills in what an announced file is; `false` when the message does not show it any more.
    func describeFile(_ item: FeedItem, _ event: Event, _ told: inout NodeEvent) -> Bool {
        let position = Int(clamping: item.row.channelSeq)
        guard let message = item.message,
            message.attachments.indices.contains(position),
            let file = Self.attachment(message.attachments[position])
        else { return false }
        told.channel = message.channel
        told.add("channel", .text(title(of: message.channel, in: item.row.server)))
        told.add("channel_id", message.channel)
        told.add("filename", .text(file.name))
        told.add("size", .number(UInt64(file.shape.size)))
        told.add("from", event.author)
        told.add("file_id", .word(FileID(message: event.id, position: position).text))
        return true
    }

    /// Announces a conversation that this node takes part in from now on.
    mutating func announceDirect(_ server: Server.ID) {
        guard servers[server]?.state.isDirect == true else { return }
        note(.directOpened, Event.ID(server), in: server)
    }

    /// Says that the history of a server is here.
    mutating func tellHistory(of server: Server.ID, from peer: Peer.ID) {
        guard let count = servers[server]?.committedCount else { return }
        var event = newEvent(.historySynced, server: server)
        event.add("from_peer", peer)
        event.add("added", .number(count))
        tell(event)
    }

    /// Says what somebody who was asked to let this node in has answered.
    mutating func tellJoin(_ server: Server.ID, refusal: String?) {
        var event = newEvent(refusal == nil ? .joinLinkResponse : .joinLinkDenied, server: server)
        if let refusal {
            event.add("reason", .word(refusal))
        } else {
            event.add("invite_data", server)
        }
        tell(event)
    }

    /// Counts an own event that nobody could be handed yet.
    mutating func noteQueued(in server: Server.ID, seq: UInt64?) {
        if reach.queued[server] == nil { keepQueued(in: server, from: seq) }
        var queued = reach.queued[server] ?? QueuedEvents(since: now.wallMilliseconds)
        queued.count += 1
        reach.queued[server] = queued
        tellQueue()
    }

    /// A peer of the server has everything of it, so nothing of it waits any more.
    mutating func noteHandedOn(_ server: Server.ID) {
        guard reach.queued.removeValue(forKey: server) != nil else { return }
        forgetQueued(in: server)
        tellQueue()
    }

    private mutating func tellQueue() {
        let queue = queuedEvents
        var event = newEvent(.queueChanged)
        event.add("events", .number(queue.count))
        if let since = queue.since { event.add("oldest_at", .time(since)) }
        let peers = Set(links.values.compactMap(\.peer))
        event.add("connected_peers", .number(UInt64(peers.count)))
        tell(event)
        change(.connection)
    }

    /// Own events that no peer has been handed yet, and the time of the oldest.
    var queuedEvents: (count: UInt64, since: UInt64?) {
        let queued = reach.queued.values
        return (queued.reduce(0) { $0 + $1.count }, queued.map(\.since).min())
    }
}

/// Own events of one server that nobody has been handed yet.
struct QueuedEvents: Hashable, Sendable {
    var count: UInt64 = 0
    /// Of the oldest, ms since 1970.
    let since: UInt64

    init(since: UInt64) {
        self.since = since
    }
}
