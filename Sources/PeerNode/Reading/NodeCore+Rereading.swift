import PeerNet
import PeerState

/// Readings of stored messages that wait: until they can be tried again, or until the store has
/// the texts it lacks.
struct PostponedReadings: Sendable {
    var servers: Set<Server.ID> = []
    var messages: [Server.ID: Set<Event.ID>] = [:]
    /// `nil` without any, or while what they wait for has no time.
    var due: Instant?
    /// How often filling the texts came to nothing.
    var fillsFailed: UInt64 = 0

    mutating func add(_ servers: Set<Server.ID>, _ messages: [Server.ID: Set<Event.ID>]) {
        self.servers.formUnion(servers)
        self.messages.merge(messages) { $0.union($1) }
    }
}

extension NodeCore {
    /// Asks for messages to be read again, of whole servers and single ones.
    mutating func askForReadings(
        _ rescans: Set<Server.ID>, _ reopens: [Server.ID: Set<Event.ID>]
    ) {
        for server in rescans.sorted() { out.append(.rescan(server)) }
        for server in reopens.keys.sorted() { reopen(reopens[server] ?? [], in: server) }
    }

    /// The disk did not give what was asked for: it is asked again, or messages that can be read
    /// would stay unseen until a restart.
    mutating func failRescan(of server: Server.ID) {
        servers[server]?.failRescan()
        postpone([server], [:])
    }

    mutating func failReopening(_ messages: [MessageSource], in server: Server.ID) {
        postpone([], [server: Set(messages.map(\.message))])
    }

    /// The disk did not give what texts are made of; without another try they would be missing,
    /// and whatever waits for them, until a restart. It begins anew, and so less and less often.
    mutating func failFilling() {
        postpone([], [:], waits: 1 << min(postponed.fillsFailed, 6))
        postponed.fillsFailed += 1
    }

    /// Messages whose key is not here are shown when it has not come for a while.
    ///
    /// Whoever joins gets a history first and its keys then: most open before that.
    mutating func showSealedSoon(from lamport: UInt64, in server: Server.ID) {
        guard !configuration.isProvider else { return }
        servers[server]?.noteUnshown(lamport)
        postponed.add([server], [:])
        guard hasTexts, postponed.due == nil else { return }
        postpone(after: Limits.sealedShownAfter)
    }

    private mutating func postpone(
        _ rescans: Set<Server.ID>, _ reopens: [Server.ID: Set<Event.ID>], waits: UInt64 = 1
    ) {
        postponed.add(rescans, reopens)
        postpone(after: Milliseconds(Limits.readAgainAfter.count * waits))
    }

    private mutating func postpone(after wait: Milliseconds) {
        let due = now.monotonic + wait
        postponed.due = due
        wakes.add(due)
    }

    mutating func readAgain() {
        guard let due = postponed.due, due <= now.monotonic else { return }
        if hasTexts { return releaseReadings() }
        postponed.due = nil
        out.append(.fillTexts)
    }

    private mutating func releaseReadings() {
        let ready = postponed
        postponed = PostponedReadings()
        // Whoever joins gets a history first and its keys then: nothing of it is shown without.
        let arriving = ready.servers.filter {
            servers[$0]?.hasHistory == false && reach.progress[$0] != nil
        }
        if !arriving.isEmpty {
            postponed.add(arriving, [:])
            postpone(after: Limits.sealedShownAfter)
        }
        current.rescans.formUnion(
            ready.servers.filter { servers[$0] != nil && !arriving.contains($0) })
        for (server, messages) in ready.messages where servers[server] != nil {
            current.reopens[server, default: []].formUnion(messages)
        }
    }

    // Filling texts

    /// Writes what these events make readable as state has it now.
    ///
    /// Batches are stored in the order in which they are made, so whatever changes these messages
    /// later is written later.
    mutating func refill(_ rows: [StoredEvent], in server: Server.ID) {
        guard let slot = servers[server] else { return }
        for row in rows { current.batch.texts += slot.textChanges(of: row) }
    }

    /// Nothing was read again while texts were missing: it would have been taken for new.
    mutating func completeTexts() {
        keepTextsComplete()
        releaseReadings()
        for server in servers.keys.sorted() { change(.channels(server)) }
    }
}

extension Limits {
    /// How long after a failed reading of messages it is tried again.
    static let readAgainAfter = Milliseconds.seconds(10)
    /// How long a key is waited for before its messages are shown without their texts.
    static let sealedShownAfter = Milliseconds.seconds(3)
}
