/// An event whose parents are all here, about to be judged by the state of its past.
///
/// Every rule is given it, so it is passed on by reference: an event is large to copy.
package final class EventPlace: Sendable {
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

    init(
        event: Event, edges: [Slot], prev: Slot?, proof: Slot?, past: Past, size: Int
    ) {
        self.event = event
        self.edges = edges
        self.prev = prev
        self.proof = proof
        self.past = past
        self.size = size
    }

    package var author: Peer.ID { event.author }
}
