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

    struct Lowering {
        let server: Server.ID
        let target: Peer.ID
        let event: Event.ID
        let author: Peer.ID
    }

    struct Puppet {
        let server: Server.ID
        let maker: Peer.ID
        let seq: UInt64
    }

    var honest: Set<Peer.ID> = []
    /// Keys that write two histories, by the plan.
    var forking: Set<Peer.ID> = []
    /// Own events that went with a data directory that was put back, and that not every honest
    /// member had then.
    var hidden: Set<Event.ID> = []
    var servers: [Server.ID] = []
    var founders: [Server.ID: Peer.ID] = [:]
    /// Who may be a member: the founder and whom he invited.
    var invited: [Server.ID: Set<Peer.ID>] = [:]
    /// Whom somebody invited while faults strike: each may be lost on either side until the invite
    /// is accepted.
    var unsure: [Server.ID: Set<Peer.ID>] = [:]
    /// Whom anybody ever tried to give more than membership.
    var raised: [Server.ID: Set<Peer.ID>] = [:]
    /// Whom anybody ever tried to remove, suspend or lower, and who left.
    var lowered: [Server.ID: Set<Peer.ID>] = [:]
    /// Whom anybody ever tried to let back in.
    var returned: [Server.ID: Set<Peer.ID>] = [:]
    /// Lowerings that a node acknowledged.
    var lowerings: [Lowering] = []
    /// Whom a hostile member granted membership, or who got it of such, and under which of the
    /// hostile member's numbers.
    var puppets: [Peer.ID: Puppet] = [:]
    /// Channels that some members could not read for a while.
    var restricted: Set<Channel.ID> = []
    /// What each event that holds text says.
    var plain: [Event.ID: String] = [:]
    var channels: [Server.ID: [Channel.ID]] = [:]
    /// Own events that were durable at their author before anybody else had them.
    var durable: [Peer.ID: Set<Event.ID>] = [:]
    /// The event at each place of honest authors, and whether others than the author hold it.
    var places: [Place: (event: Event.ID, isOut: Bool)] = [:]
    /// Acknowledged posts.
    var texts: [Text] = []
    var names: [Peer.ID: Set<String>] = [:]
    /// Nonces and throw-away keys of honest nodes, and what was made with each.
    var onceOnly: [[UInt8]: Event.ID] = [:]
    /// Events that went with a restored data directory and that nobody else held then.
    var lost: Set<Event.ID> = []
    /// Events stored by some honest node other than their author.
    var isOut: Set<Event.ID> = []

    /// The honest who were invited and of whom nothing is known that could keep them out.
    func certainMembers(of server: Server.ID) -> Set<Peer.ID> {
        (invited[server] ?? []).intersection(honest).subtracting(lowered[server] ?? [])
            .subtracting(unsure[server] ?? []).subtracting(forking)
    }
}
