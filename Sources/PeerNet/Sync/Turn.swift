import PeerState

/// One call of the core: what it may ask, when it happens, and what comes of it.
struct Turn {
    let context: any SyncContext
    let now: Instant
    var effects: [SyncCore.Effect] = []

    mutating func send(_ message: SyncMessage, to link: LinkID) {
        effects.append(.send(link, message.bytes))
    }
}
