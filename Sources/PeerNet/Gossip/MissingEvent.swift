import PeerState

/// An announced event whose payload has not come.
struct MissingEvent: Sendable {
    struct Announcer: Sendable {
        let link: LinkID
        /// Whether it is held to this one announcement of its frame.
        let isSampled: Bool
        var askedAt: Instant?
    }

    let event: Plumtree.Announced
    let since: Instant
    /// In the order they were heard, at most `Limits.announcersPerID`.
    var announcers: [Announcer] = []
    /// How many of them were asked.
    var asked = 0
    /// When the next one is asked, or the event is handed over.
    var due: Instant
}
