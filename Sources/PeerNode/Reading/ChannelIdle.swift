package import PeerState

/// How far a channel that goes quiet has gone (PROTOCOL 4.6); a view, nothing is deleted.
package struct ChannelIdle: Hashable, Sendable {
    package enum State: String, Sendable { case active, dormant, archived }

    package let state: State
    /// When the next state begins without activity, ms since 1970; `nil` after the last.
    package let nextMilliseconds: UInt64?

    /// Channels without an idle time are always active.
    package init(_ info: ChannelInfo, nowMilliseconds: UInt64) {
        guard let idle = info.idleMilliseconds else {
            state = .active
            nextMilliseconds = nil
            return
        }
        let quiet = nowMilliseconds > info.activity ? nowMilliseconds - info.activity : 0
        if quiet <= idle / 4 {
            state = .active
            nextMilliseconds = info.activity + idle / 4 + 1
        } else if quiet <= idle {
            state = .dormant
            nextMilliseconds = info.activity + idle + 1
        } else {
            state = .archived
            nextMilliseconds = nil
        }
    }
}
