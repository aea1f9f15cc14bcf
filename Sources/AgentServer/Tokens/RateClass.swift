/// What principals may do only so often, by kind.
package enum RateClass: CaseIterable, Sendable {
    case unlimited, posting, smallActs, administrative
    /// Saying that one is writing; what is too soon is not told again.
    case typing
    /// Signals, partial texts, presence.
    case live
    case search
    case verifyState
    case completion
    /// Every request over HTTP.
    case requests
    /// Tokens that are not taken, by address.
    case failedAccess
    /// Bytes of files, in KiB.
    case fileBytes
    /// Posts through one webhook.
    case hook

    /// What it is called under `limits` in the configuration file; `nil` = it is no setting.
    package var setting: String? {
        switch self {
        case .unlimited, .hook: nil
        case .posting: "posting"
        case .smallActs: "small-acts"
        case .administrative: "administrative"
        case .typing: "typing"
        case .live: "live"
        case .search: "search"
        case .verifyState: "verify-state"
        case .completion: "completion"
        case .requests: "requests"
        case .failedAccess: "failed-auth"
        case .fileBytes: "file-kib"
        }
    }
}
