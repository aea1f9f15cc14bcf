import PeerNet
import PeerState

// How far a catch-up is.
extension NodeCore {
    mutating func noteProgress(
        _ server: Server.ID, _ link: LinkID, have: UInt64, total: UInt64
    ) {
        let total = min(total, Limits.progressMost)
        let isDone = have >= total
        reach.progress[server, default: [:]][link] =
            isDone ? nil : FetchProgress(have: have, total: total)
        if reach.progress[server]?.isEmpty == true { reach.progress[server] = nil }
        // Often enough to be seen moving, seldom enough to cost nothing.
        if isDone || have / Limits.progressStep != (have - min(have, 256)) / Limits.progressStep {
            change(.connection)
        }
    }

    mutating func endProgress(_ server: Server.ID, _ link: LinkID) {
        guard reach.progress[server]?.removeValue(forKey: link) != nil else { return }
        if reach.progress[server]?.isEmpty == true { reach.progress[server] = nil }
        change(.connection)
    }

    mutating func endProgress(of link: LinkID) {
        for server in reach.progress.keys.sorted() { endProgress(server, link) }
    }
}

extension Limits {
    /// Events between two announcements of progress.
    static let progressStep: UInt64 = 2_000
    /// Events of one promise that are shown as still to come: the number is the peer's word, and
    /// those of all links are added up.
    static let progressMost: UInt64 = 1 << 40
}
