/// What a member lets others know of being there.
///
/// - Source: PROTOCOL 11, topic 2, whose numbers these are.
package enum PresenceState: UInt64, CaseIterable, Sendable {
    case offline, online, away, busy

    package var word: String { String(describing: self) }
}
