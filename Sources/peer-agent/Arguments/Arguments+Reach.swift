import PeerNet
import PeerNode
import PeerState

/// The values of `run` that say how others are reached.
extension Arguments {
    /// - Errors: `usage`, naming the flag.
    func reach(_ options: inout NodeOptions) throws(CLIFailure) {
        options.isRelay = contains(.relayServer)
        options.isProvider = contains(.syncProvider)
        options.relays = all(.relay)
        options.findsLAN = !contains(.noLAN)
        options.lanInterface = self[.lan]
        if contains(.noLAN) && contains(.lan) {
            throw CLIFailure(.usage, "--lan and --no-lan exclude each other")
        }
        for relay in options.relays where Address(NodeCore.place(relay).address) == nil {
            throw refusal(of: .relay, relay, "write [PEER_ID@]HOST:PORT")
        }
        for peer in options.peers where Address(NodeCore.place(peer).address) == nil {
            throw refusal(of: .peer, peer, "write [PEER_ID@]HOST:PORT")
        }
        if options.isRelay && !options.relays.isEmpty {
            throw CLIFailure(
                .usage, "--relay-server and --relay exclude each other: a relay must be dialled")
        }
        if options.isRelay && options.listen == nil {
            throw CLIFailure(.usage, "--relay-server needs an address to listen at")
        }
    }
}
