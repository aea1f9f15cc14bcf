package import PeerState

/// Authors of one server whose pushes are over quota: what of them is missing is asked for in one
/// piece from time to time, never event by event.
///
/// While an author floods, each turn asks for as many events as his quota paid for since the last
/// one; when he is calm, for everything at once. So what he costs is what his quota allows, and
/// nothing is lost.
/// - Bound: `Limits.postponedAuthors`. Source: PROTOCOL 10, *Quotas*.
package struct PostponedAuthors: Sendable {
    private struct Entry {
        /// When an event of his was last over quota.
        var overAt: Instant
        /// Events that his quota paid for and that could not be taken, because those before lack.
        var paid: UInt64 = 0
        /// Whether his turn has come and he was not asked for yet.
        var isDue = false
    }

    private var entries: [Peer.ID: Entry] = [:]
    /// When an author was last found to have little of his quota left.
    private var lowAt: [Peer.ID: Instant] = [:]
    /// When the next turn is; nil while nobody is postponed.
    package private(set) var turnAt: Instant?

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }
    package var authors: Set<Peer.ID> { Set(entries.keys) }

    /// Whose new events others may lack for a while: those over quota here, and those who are about
    /// to be, because others may have taken less.
    package func doubtful(_ now: Instant) -> Set<Peer.ID> {
        guard !entries.isEmpty || !lowAt.isEmpty else { return [] }
        var result = authors
        for (author, at) in lowAt where now < at + Limits.postponedLinger { result.insert(author) }
        return result
    }

    /// An event of the author was taken, and little of his quota is left.
    package mutating func noteLow(_ author: Peer.ID, _ now: Instant) {
        if lowAt[author] == nil, lowAt.count >= Limits.postponedAuthors {
            lowAt = lowAt.filter { now < $0.value + Limits.postponedLinger }
            guard lowAt.count < Limits.postponedAuthors else { return }
        }
        lowAt[author] = now
    }

    package func holds(_ author: Peer.ID) -> Bool {
        !entries.isEmpty && entries[author] != nil
    }

    /// An event of the author was over quota; false when there is no place for one more author.
    @discardableResult
    package mutating func noteOver(_ author: Peer.ID, _ now: Instant) -> Bool {
        guard entries[author] == nil else {
            entries[author]?.overAt = now
            return true
        }
        guard entries.count < Limits.postponedAuthors else { return false }
        entries[author] = Entry(overAt: now)
        turnAt = turnAt ?? now + Limits.postponedTurn
        return true
    }

    /// His quota paid for an event that was left because others before it lack.
    package mutating func notePaid(_ author: Peer.ID) {
        guard let paid = entries[author]?.paid, paid < Limits.authorBurst else { return }
        entries[author]?.paid += 1
    }

    /// Begins a turn if it is time.
    ///
    /// - Parameter isMissing: whether somebody still claims events of his that are not here.
    package mutating func take(_ now: Instant, isMissing: (Peer.ID) -> Bool) {
        guard let turnAt, turnAt <= now else { return }
        for (author, entry) in entries {
            let isCalm = entry.overAt + Limits.postponedLinger <= now
            let isForgotten = entry.overAt + Limits.postponedMost <= now
            if isForgotten || (isCalm && !isMissing(author)) {
                entries[author] = nil
            } else {
                entries[author]?.isDue = true
            }
        }
        self.turnAt = entries.isEmpty ? nil : now + Limits.postponedTurn
    }

    /// Up to which number he may be asked for now, of what was claimed; nil for not yet.
    ///
    /// - Parameter own: the last of his events that is here.
    package func reach(
        of author: Peer.ID, own: UInt64, claimed: UInt64, _ now: Instant
    ) -> UInt64? {
        guard let entry = entries[author] else { return claimed }
        guard entry.isDue, own < claimed else { return nil }
        if entry.overAt + Limits.postponedCalm <= now { return claimed }
        return entry.paid == 0 ? nil : min(claimed, own + min(entry.paid, claimed - own))
    }

    /// He was asked for that many events; the next time is another turn.
    package mutating func noteAsked(_ author: Peer.ID, _ count: UInt64) {
        guard let paid = entries[author]?.paid else { return }
        entries[author]?.paid = paid - min(paid, count)
        entries[author]?.isDue = false
    }
}
