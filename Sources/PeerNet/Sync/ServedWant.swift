import PeerState

/// What one peer asked of us and how far we are.
struct ServedWant {
    let server: Server.ID
    let ranges: [SeqRange]
    /// Bytes we may still send, at most the window.
    var credit = Limits.creditWindow
    /// What PreSync said; never more is sent.
    var promised: SyncCore.Totals?
    var sent = SyncCore.Totals(events: 0, bytes: 0)
    var after: OrderKey?
    var reading: SyncCore.ReadID?
}
