/// Some of the wanted events, and what to ask for next.
package struct EventPage: Hashable, Sendable {
    /// In canonical order; of a forked author in order of (seq, id).
    package let events: [StoredEvent]
    /// Empty when nothing stored is left. With no events it means that not even one fitted.
    package let remaining: [EventRange]
}
