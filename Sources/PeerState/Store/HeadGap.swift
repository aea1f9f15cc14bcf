/// How far one server's own log is behind.
package struct HeadGap: Hashable, Sendable {
    /// The highest own seq in the database; 0 = none.
    package let stored: UInt64
    /// The highest ever written; `nil` when its slot is torn.
    package let high: UInt64?

    package init(stored: UInt64, high: UInt64?) {
        self.stored = stored
        self.high = high
    }
}
