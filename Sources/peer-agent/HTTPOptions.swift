import AgentServer
import PeerNet
import PeerState

/// What flags say about HTTP.
struct HTTPOptions {
    let bind: Address
    /// `nil` = that of the file.
    let token: String?
    /// `nil` = `token` in the data directory.
    let tokenFile: String?
    let grant: TokenGrant
    let allowedHosts: Set<String>
    let allowedOrigins: Set<String>
    let issuer: Issuer?

    /// - Parameter isServed: whether there will be HTTP at all.
    /// - Errors: `usage`; `remoteBind` for an address beyond loopback without `--allow-remote`.
    init(
        _ arguments: Arguments, _ dataDirectory: String, isServed: Bool, log: Log
    ) throws(CLIFailure) {
        let text = arguments[.bind] ?? "127.0.0.1:9100"
        guard let bind = Address(listening: text) else {
            throw CLIFailure(.usage, "--bind is \(text.quoted); write HOST:PORT")
        }
        let isLoopback =
            bind.host == "localhost" || bind.host == "::1" || bind.host.hasPrefix("127.")
        guard isLoopback || arguments.contains(.allowRemote) else {
            throw CLIFailure(
                .remoteBind,
                "\(bind) is reached from other machines, and HTTP is not encrypted; if a proxy "
                    + "does that, add --allow-remote and --allowed-host")
        }
        self.bind = bind
        token = try isServed ? arguments.token() : nil
        if token != nil, arguments.origin(of: .token) == .flag {
            log.log(.warning, "others on this machine can see --token; --token-file hides it")
        }
        tokenFile = try arguments[.tokenFile].map { path throws(CLIFailure) in
            try Paths.absolute(path)
        }
        grant = try arguments.grant()
        allowedHosts = Set(arguments.all(.allowedHost).map { $0.lowercased() })
        allowedOrigins = Set(arguments.all(.allowedOrigin))
        issuer = try arguments.issuer(dataDirectory)
    }
}
