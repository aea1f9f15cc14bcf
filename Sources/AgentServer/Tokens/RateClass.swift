/// How often a principal may use tools of one kind.
package enum RateClass: CaseIterable, Sendable {
    case unlimited, posting, smallActs, administrative
    /// Every request over HTTP.
    case requests
    /// Bytes of files, in KiB.
    case fileBytes
}
