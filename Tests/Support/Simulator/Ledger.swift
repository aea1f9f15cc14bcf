import PeerState

/// What the run knows to be true, from outside all nodes: what was written, stored and allowed.
struct Ledger {
    struct Place: Hashable {
        let server: Server.ID
        let author: Peer.ID
        let seq: UInt64
    }

    struct Text {
        let server: Server.ID
        let channel: Channel.ID
        let event: Event.ID
        let node: Int
        let text: String
    }

    var honest: Set<Peer.ID> = []
    /// Keys that write two histories, by the plan.
    var forking: Set<Peer.ID> = []
    var servers: [Server.ID] = []
    var founders: [Server.ID: Peer.ID] = [:]
    /// Who may be a member: the founder and whom he invited.
    var invited: [Server.ID: Set<Peer.ID>] = [:]
    var channels: [Server.ID: [Channel.ID]] = [:]
    /// Own events that were durable at their author before anybody else had them.
    var durable: [Peer.ID: Set<Event.ID>] = [:]
    /// The event at each place of honest authors, and whether others than the author hold it.
    var places: [Place: (event: Event.ID, isOut: Bool)] = [:]
    /// Acknowledged posts.
    var texts: [Text] = []
    var names: [Peer.ID: Set<String>] = [:]
    /// Events that went with a restored data directory before anybody else stored them.
    var lost: Set<Event.ID> = []
    /// Events stored by some honest node other than their author.
    var isOut: Set<Event.ID> = []
}
