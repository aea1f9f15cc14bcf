/// An event whose parents are all here, about to be judged by the state of its past.
package struct EventPlace: Sendable {
    package let event: Event
    /// What it points at.
    package let edges: [Slot]
    package let prev: Slot?
    /// The grant it acts under, wherever it stands.
    package let proof: Slot?
    /// State(past(e)) is asked for by this.
    package let past: Past
    /// Bytes of its envelope.
    package let size: Int

    package var author: Peer.ID { event.author }
}
