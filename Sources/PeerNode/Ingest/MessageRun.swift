import PeerState

/// Messages that came one after another and are yet to be accepted: they change nothing for each
/// other, so that all that follows is done once for many.
struct MessageRun {
    var messages: [Replica.Stored] = []
    /// Whether nothing waits: what does may be about a message of the run, and come free with the
    /// next.
    var isOpen: Bool
}
