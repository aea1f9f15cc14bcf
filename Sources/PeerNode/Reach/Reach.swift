import PeerNet
import PeerState

/// What a node keeps in order to reach others: relays, views of large servers, addresses, numbers.
struct Reach: Sendable {
    /// Relayed links are numbered from here, so that none has the number of a socket's.
    static let firstRelayedLink: UInt64 = 1 << 62

    /// Streams of others that run through this node.
    var relay = RelayCore()
    /// Own streams through relays.
    var client: RelayClient
    /// Addresses that the operator gave at the start.
    var seeds: Set<String> = []
    /// Relays found at addresses that the operator gave.
    var relayPeers: Set<Peer.ID> = []
    /// Addresses that invites gave, and the servers they lead to.
    var invited: [String: Set<Server.ID>] = [:]
    /// Relays found at such addresses, and where, by server.
    var invitedRelays: [Peer.ID: [Server.ID: String]] = [:]
    /// Whether links or members changed since those to reach were last counted.
    var isStale = true
    var neighbours: Neighbourhood
    var acquaintances: Acquaintances
    /// Peers dialled because a view asked for them.
    var viewDials: Set<Peer.ID> = []
    /// Links that no server needs and that are not closed before both sides hold the same, and
    /// until when that is waited for.
    var leaving: [LinkID: Instant] = [:]
    /// Servers whose members changed, and when those of a large one are counted again.
    var uncounted: Set<Server.ID> = []
    var countAfter: [Server.ID: Instant] = [:]
    /// Addresses found in the local network and dialled.
    var discovered: Set<String> = []
    /// What is being fetched, by server and link.
    var progress: [Server.ID: [LinkID: FetchProgress]] = [:]
    var counters = Counters()
    /// Own events that nobody has been handed yet.
    var queued: [Server.ID: QueuedEvents] = [:]

    init(me: Peer.ID, _ entropy: inout Entropy) {
        client = RelayClient(
            identity: me, firstLink: Self.firstRelayedLink,
            random: SeededRandom(seed: entropy.next()))
        neighbours = Neighbourhood(identity: me, random: SeededRandom(seed: entropy.next()))
        acquaintances = Acquaintances(me: me, random: SeededRandom(seed: entropy.next()))
    }
}
