/// How far the stored events are in a state that is written as a checkpoint.
package struct CheckpointPlace: Sendable {
    /// Every event up to this row was read when the state was made.
    package let loadedThrough: Int64
    /// The event that state took in last.
    package let last: Event.ID?
    /// How many stored events that makes.
    package let count: UInt64
    /// The hash of the checkpoint whose parts stay unless they changed; `nil` keeps none.
    package let base: Digest.Value?
    /// The lowest lamport of a message among them that cannot be read yet; `.max` without one.
    package let unreadableFrom: UInt64

    package init(
        loadedThrough: Int64, last: Event.ID?, count: UInt64, base: Digest.Value? = nil,
        unreadableFrom: UInt64 = 0
    ) {
        self.loadedThrough = loadedThrough
        self.last = last
        self.count = count
        self.base = base
        self.unreadableFrom = unreadableFrom
    }
}
