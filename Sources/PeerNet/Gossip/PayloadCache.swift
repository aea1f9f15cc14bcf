import PeerState

/// Envelopes that went out lately, for who asks for one by its id.
///
/// - Bound: `Limits.payloadCacheBytes` for `Limits.payloadCache`, oldest first.
struct PayloadCache: Sendable {
    private struct Entry {
        let envelope: [UInt8]
        let since: Instant
    }

    private var entries: [Event.ID: Entry] = [:]
    /// Ids by age; those before `oldest` are gone.
    private var ages: [Event.ID] = []
    private var oldest = 0
    private var bytes = 0

    subscript(id: Event.ID) -> [UInt8]? { entries[id]?.envelope }

    mutating func insert(_ id: Event.ID, _ envelope: [UInt8], _ now: Instant) {
        guard entries[id] == nil else { return }
        entries[id] = Entry(envelope: envelope, since: now)
        ages.append(id)
        bytes += envelope.count
        while oldest < ages.count, let entry = entries[ages[oldest]],
            bytes > Limits.payloadCacheBytes || entry.since + Limits.payloadCache <= now
        {
            entries[ages[oldest]] = nil
            bytes -= entry.envelope.count
            oldest += 1
        }
        if oldest > 1_024 && oldest * 2 > ages.count {
            ages.removeFirst(oldest)
            oldest = 0
        }
    }
}
