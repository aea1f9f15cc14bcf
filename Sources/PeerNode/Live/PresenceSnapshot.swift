package import PeerState

/// What a member lets others know of being there.
package struct PresenceSnapshot: Hashable, Sendable {
    package var state: PresenceState
    package var text: String?

    package init(_ state: PresenceState, text: String? = nil) {
        self.state = state
        self.text = text
    }
}
