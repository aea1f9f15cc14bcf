package import PeerNet

/// What the program decides about HTTP before it starts.
package struct HTTPSettings: Sendable {
    /// Where to listen; `nil` = only at the socket file.
    package var bind: Address?
    /// The path of the socket file; `nil` = none.
    package var socketPath: String?
    package var allowedOrigins: Set<String> = []
    package var allowedHosts: Set<String> = []
    /// Who asks without a token on loopback; `nil` = nobody may.
    package var anonymous: Access?
    /// Whose tokens are taken beside the node's own; `nil` = nobody's.
    package var issuer: Issuer?
    /// Whether a loopback address also has the page for people.
    package var hasPage = false

    package init(bind: Address? = nil, socketPath: String? = nil) {
        self.bind = bind
        self.socketPath = socketPath
    }

    var isLoopback: Bool {
        guard let host = bind?.host else { return true }
        return host == "::1" || host == "localhost" || host.hasPrefix("127.")
    }
}
