package import PeerState

extension Limits {
    /// Authors of one server who are postponed; pushes over quota of any more are only dropped.
    package static let postponedAuthors = 1_024
    /// Of the burst of an author: who has less left may be over quota elsewhere already.
    package static let authorReserve: UInt64 = 100
    /// How often postponed authors are asked for.
    package static let postponedTurn = Milliseconds(1_500)
    /// After how long without an event over quota an author may be asked for everything.
    package static let postponedCalm = Milliseconds.seconds(1)
    /// After how long he is like any other, if nothing of him is missing.
    package static let postponedLinger = Milliseconds.seconds(5)
    /// After how long he is like any other in any case.
    package static let postponedMost = Milliseconds.seconds(60)

    /// Wants of `wantsPerPeriod` that may follow one another at once; the others are spaced.
    package static let wantsAtOnce = 12
    /// With the first ones never more than a peer bears: `ownWantPeriod` over the rest of them.
    package static let wantSpacing = Milliseconds(1_313)
    /// Wants of a period beyond which none is sent for postponed authors alone.
    package static let wantsForPostponed = 8
}
