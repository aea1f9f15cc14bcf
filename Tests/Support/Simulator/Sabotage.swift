/// A way to break the simulated world itself, to see that the invariants notice.
///
/// What surrounds a core promises it things: that a batch is durable when it says so, that the
/// high-water file survives a restored database, that timers come. Each of these breaks one.
package enum Sabotage: String, Sendable, CaseIterable {
    /// A batch counts as durable before it is written.
    case acknowledgeEarly
    /// One batch in forty is acknowledged and never written.
    case loseBatch
    /// A restored database starts as if it were whole.
    case ignoreHighWater
    /// Now and then a record carries text in clear.
    case leakText
    /// Timers come no more once the nodes have met.
    case dropTimers
    /// Events read for peers lack the first of a page.
    case cutPages
    /// A batch is taken twice.
    case storeTwice
    /// A refused write is reported as a success.
    case hideFailure
}
