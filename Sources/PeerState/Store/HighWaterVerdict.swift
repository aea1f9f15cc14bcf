/// What the high-water file says about the database beside it.
///
/// Anything but `fine` means *recovering*: nothing is authored until own heads were fetched
/// (PROTOCOL 5.8, F6), then `settleHighWater`.
package enum HighWaterVerdict: Hashable, Sendable {
    case fine
    /// Own events were written that the database does not hold: an older copy was restored.
    case behind([Server.ID: HeadGap])
    /// The database is not where, or not the one, it was: a copied or replaced directory.
    case moved
    /// There are own events but no readable high-water file, so nothing can be said.
    case missing
}

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
