/// How often a principal may use tools of one kind.
package enum RateClass: CaseIterable, Sendable {
    case unlimited, posting, smallActs, administrative
    /// Signals, partial texts, presence.
    case live
    /// Every request over HTTP.
    case requests
    case completion
    case search
    case verifyState
    /// Posts through one webhook.
    case hook
    /// Bytes of files, in KiB.
    case fileBytes
}
