/// What ranges hold, without reading an envelope.
package struct EventTotals: Hashable, Sendable {
    package var count: UInt64 = 0
    /// Of the envelopes.
    package var bytes: UInt64 = 0
}
