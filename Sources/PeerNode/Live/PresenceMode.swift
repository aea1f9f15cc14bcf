/// What this node lets others know of its being there.
package enum PresenceMode: String, CaseIterable, Sendable {
    /// Online, and away after some time without an act.
    case auto
    case online, away, busy
    /// Nothing is sent, neither presence nor typing.
    case invisible
}
