/// Every flag there is; a command lists those it takes.
///
/// - Source: MCP 16.1 and 16.2.
extension Flag {
    static let help = Flag("help", "Prints this and ends.")
    static let version = Flag("version", "Prints the version and ends.")
    static let dataDirectory = Flag(
        "data-dir", .value("PATH"),
        "Everything the node owns. Default: PEER_AGENT_HOME, else ~/.peer-agent.")
    static let json = Flag("json", "Prints one JSON object on one line.")

    static let name = Flag("name", .value("NAME"), "Display name. Default of a new node: Agent.")
    static let listen = Flag(
        "listen", .value("ADDR"), "Address for peers, or none. Default: 0.0.0.0:0 (any port).")
    static let peer = Flag("peer", .values("ADDR"), "A peer to dial: [PEER_ID@]HOST:PORT.")
    static let invite = Flag("invite", .value("CODE"), "An invite to accept at the start.")
    static let network = Flag("network", .value("ID"), "Network to belong to. Default: main.")
    static let transport = Flag(
        "transport", .value("KIND"), "stdio (default), or none: a node without an agent.")
    static let scope = Flag(
        "scope", .value("SCOPE"),
        "read-only, messaging (default), admin, full, or custom (exactly --tools).")
    static let toolsets = Flag("toolsets", .value("A,B"), "Groups of tools. Default: by scope.")
    static let tools = Flag("tools", .value("A,B"), "Single tools, besides or instead.")
    static let consent = Flag(
        "consent", .value("WHO"), "Who agrees to far-reaching acts: human, confirm (default), off.")
    static let limit = Flag(
        "limit", .values("KIND=N[/B]"),
        "Calls a minute (and at once): posting, small-acts or administrative; 0 = any number.")
    static let logLevel = Flag(
        "log-level", .value("LEVEL"), "error, warning, info (default), debug or trace.")
    static let overrideRecovery = Flag(
        "override-recovery", "After a restored copy: write again although no peer could be asked.")
    static let generateIdentity = Flag(
        "generate-identity", "Makes the key file, prints the peer id and ends.")
    static let printPeerID = Flag("print-peer-id", "Prints the peer id and ends.")

    static let serverName = Flag("server-name", .value("NAME"), "Creates a first server, too.")
    static let force = Flag("force", "Also on a data directory that has been set up before.")
    static let plain = Flag("plain", "Without colours.")

    static let role = Flag("role", .value("ROLE"), "initiator or responder.")
    static let port = Flag("port", .value("N"), "The port on 127.0.0.1.")
}
