package import PeerState

/// A data directory as a node leaves it that received and shows a long history.
package struct LargeStore {
    /// One message as it is to be shown.
    package struct Shown: Comparable, Sendable {
        package let order: OrderKey
        package let text: String

        package static func < (left: Self, right: Self) -> Bool { left.order < right.order }
    }

    package private(set) var history: LargeHistory
    /// Stored events.
    package private(set) var count = 0
    /// By channel, in the order they were stored in.
    package private(set) var messages: [Channel.ID: [Shown]] = [:]
    private let directory: DataDirectory
    private var position: UInt64 = 0

    /// Makes the directory and the identity of somebody who looks on.
    package init(_ path: String, seed: UInt64, authors: Int) throws {
        directory = try DataDirectory(preparing: path)
        history = try LargeHistory(seed: seed, authors: authors)
        var entropy = Entropy.system
        _ = try Keystore.createIdentity(in: directory, entropy: &entropy)
        try withCore { store, core in
            var batch = StoreBatch()
            batch.settings.append(Setting(name: "texts/1", value: [1]))
            for envelope in store.history.setup {
                let event = try Event(decoding: envelope, for: store.history.server)
                store.add(event, envelope, to: &batch)
            }
            try core.commit([batch])
        }
    }

    /// Stores that many more events, and shows the messages among them.
    package mutating func append(_ count: Int) throws {
        try withCore { store, core in
            var batch = StoreBatch()
            for index in 0..<count {
                let (event, envelope) = try store.history.next()
                store.add(event, envelope, to: &batch)
                guard index % 2_000 == 1_999 else { continue }
                try core.commit([batch])
                batch = StoreBatch()
            }
            try core.commit([batch])
        }
    }

    private mutating func withCore(
        _ body: (inout LargeStore, StoreCore) throws -> Void
    ) throws {
        let key = try Keystore.loadIdentity(from: directory)
        var entropy = Entropy.system
        let core = try StoreCore(directory, owner: key.publicKey, entropy: &entropy)
        try body(&self, core)
        try core.close()
    }

    private mutating func add(_ event: Event, _ envelope: Envelope, to batch: inout StoreBatch) {
        count += 1
        batch.events.append(
            StoredEvent(
                event, envelope: envelope.bytes,
                storedAtMilliseconds: event.wallMilliseconds))
        guard let post = event.body as? MessagePosted else { return }
        position += 1
        var entry = TextEntry(
            message: event.id, channel: post.channel, epoch: post.sealed.epoch,
            text: "message \(position) of many", wallMilliseconds: event.wallMilliseconds)
        entry.feed = position
        entry.channelSeq = UInt64(messages[post.channel]?.count ?? 0) + 1
        entry.parent = post.parent
        batch.texts.append(.show(entry))
        batch.feed.append(
            FeedRow(
                position: position, server: event.server, event: event.id,
                kind: "MessageReceived", atMilliseconds: event.wallMilliseconds,
                channelSeq: entry.channelSeq))
        messages[post.channel, default: []].append(
            Shown(order: event.orderKey, text: entry.text))
    }
}
