import AgentServer
import PeerNode
import PeerState

/// The values of `run` that say what is kept where, and for whom.
///
/// - Source: MCP 16.2.
extension Arguments {
    /// - Errors: `usage`, naming the flag.
    func storing(_ options: inout NodeOptions) throws(CLIFailure) {
        guard !(contains(.persist) && contains(.ephemeral)) else {
            throw CLIFailure(.usage, "--persist and --ephemeral exclude each other")
        }
        options.isEphemeral = contains(.ephemeral)
        if options.isEphemeral && !contains(.identity) { options.identity = nil }
        options.currentServer = try startServer()
    }

    /// The id of a server, or its beginning: the node may come into it later.
    private func startServer() throws(CLIFailure) -> String? {
        guard let id = self[.startServer] else { return nil }
        guard (16...64).contains(id.utf8.count), id.allSatisfy(\.isHexDigit) else {
            throw CLIFailure(
                .usage,
                "--server is \(id.quoted); give 16 to 64 digits of its id, which peer-agent "
                    + "servers shows")
        }
        return id.lowercased()
    }

    /// A token that was given as such, and not as a file.
    ///
    /// - Errors: `usage`, without repeating it.
    func token() throws(CLIFailure) -> String? {
        guard let token = self[.token] else { return nil }
        guard TokenText.isWellFormed(token) else {
            let name = origin(of: .token) == .environment ? Flag.token.variable : "--token"
            throw CLIFailure(.usage, "\(name) is no token: pat_ and 64 hexadecimal digits")
        }
        // What stands on the command line is stronger than the environment.
        guard contains(.tokenFile) else { return token }
        guard origin(of: .token) == .environment else {
            throw CLIFailure(.usage, "--token and --token-file exclude each other")
        }
        return nil
    }

    /// The token that says what the agent on standard input may do; `nil` = flags say it.
    ///
    /// Beside HTTP the token is that of HTTP.
    /// - Errors: `usage`; those of `TokenFile`.
    func stdioToken() throws -> String? {
        guard try transports() == [.stdio] else { return nil }
        if let token = try token() { return token }
        guard let path = self[.tokenFile] else { return nil }
        let file = try Paths.absolute(path)
        guard let token = try TokenFile.read(file) else {
            throw CLIFailure(
                .usage, "there is no \(file); make it with: peer-agent token create > \(file)")
        }
        return token
    }
}
