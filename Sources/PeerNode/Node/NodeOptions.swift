import PeerNet
package import PeerState

/// What whoever starts a node on a data directory decides.
package struct NodeOptions: Sendable {
    package var dataDirectory: String
    /// The key file; `nil` = the one in the data directory.
    package var identity: String?
    /// Whether what is stored is in memory and gone at the end; so is a key that no file holds.
    package var isEphemeral = false
    /// The server that is current for who has chosen none, by the beginning of its id.
    package var currentServer: String?
    /// Used where none was ever set.
    package var displayName: String?
    package var network = "main"
    /// `host:port` with a numeric host, port 0 for any; `nil` = outbound links only.
    package var listen: String? = "0.0.0.0:0"
    package var peers: [String] = []
    package var invite: String?
    package var relays: [String] = []
    package var isRelay = false
    package var isProvider = false
    /// Whether nodes in the local network are looked for.
    package var findsLAN = true
    /// The address of the one interface to look on; `nil` = all of private ranges.
    package var lanInterface: String?
    package var lanPort = LANBeacon.groupPort
    package var log = Log(level: .info)
    package var overridesRecovery = false
    /// Bytes of chunks of others that are kept: older ones go first, and at a provider none comes
    /// that has no place. `nil` = `Limits.blobCache`, at a provider `Limits.filesKept`.
    package var blobCache: Int?

    /// Events that are read at once where texts are filled anew; lowered by tests.
    package var eventsPerFill = Limits.eventsPerStep

    #if DEBUG
        /// Whether the node holds a wrong row in each server, for tests of who finds that out.
        package var keepsRowsWrong = false
    #endif

    package init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }
}
