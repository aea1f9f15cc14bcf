/// Everything one act changes on disk: all of it is stored, or nothing.
///
/// Erasures come first, then removals, then what is added.
package struct StoreBatch: Sendable {
    /// An id that is stored already is left as it is.
    package var events: [StoredEvent] = []
    /// Last of the node's own events in this batch, per server, for the high-water file.
    package var ownHeads: [OwnHead] = []
    /// Positions never used before, else the commit fails as `conflict`.
    package var feed: [FeedRow] = []
    package var epochKeys: [EpochKeyRow] = []
    package var prekeys: [PrekeyRow] = []
    /// What becomes readable, changes or goes, in this order, after the events.
    package var texts: [TextChange] = []
    /// Which messages of this batch name which chunks of files.
    package var chunks: [ChunkRow] = []
    package var marks: [MarkRow] = []
    package var sent: [SentRow] = []
    package var settings: [Setting] = []
    package var addresses: [AddressChange] = []
    /// Loose events beyond their quota (PROTOCOL 5.8, F2).
    package var droppedEvents: [Event.ID] = []
    /// Prekeys whose secret is to be forgotten.
    package var droppedPrekeys: [Exchange.PublicKey] = []
    /// Servers of which nothing is to stay: events, keys, feed, marks and own head.
    package var erasedServers: [Server.ID] = []

    package init() {}
}
