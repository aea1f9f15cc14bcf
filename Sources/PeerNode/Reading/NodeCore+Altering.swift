#if DEBUG
    package import PeerState

    /// Wrong rows on purpose, for tests of who finds them; no release build holds this.
    extension NodeCore {
        /// Changes a folded row as a flipped bit in memory would.
        package mutating func flipRow(of server: Server.ID) {
            servers[server]?.replica.flipName()
        }

        /// The same in every server, again and again: this node never mends itself (S-330).
        mutating func keepRowsWrong() {
            keepsRowsWrong = true
            for server in servers.keys { flipRow(of: server) }
        }
    }
#endif
