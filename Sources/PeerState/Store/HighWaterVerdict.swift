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
