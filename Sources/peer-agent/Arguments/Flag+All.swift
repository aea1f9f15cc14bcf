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
    static let relay = Flag(
        "relay", .values("ADDR"),
        "A relay to use where peers cannot be dialled: [PEER_ID@]HOST:PORT.")
    static let relayServer = Flag(
        "relay-server", "Also passes encrypted bytes between peers that cannot reach another.")
    static let syncProvider = Flag(
        "sync-provider",
        "Keeps and serves encrypted history and files for others, and can open none of it.")
    static let lan = Flag(
        "lan", .value("ADDR"), "Looks for nodes on the interface of this address alone.")
    static let noLAN = Flag("no-lan", "Looks for nobody in the local network.")
    static let invite = Flag("invite", .value("CODE"), "An invite to accept at the start.")
    static let network = Flag("network", .value("ID"), "Network to belong to. Default: main.")
    static let transport = Flag(
        "transport", .values("KIND"),
        "stdio (default), http, or none: only the socket file. Repeat for both.")
    static let bind = Flag(
        "bind", .value("ADDR"), "Address of HTTP. Default: 127.0.0.1:9100; port 0 = any.")
    static let tokenFile = Flag(
        "token-file", .value("PATH"),
        "File with the token of HTTP, made if absent. Default: token in the data directory.")
    static let token = Flag(
        "token", .value("TOKEN"),
        "Token of HTTP; others on this machine can see it here, so better --token-file.")
    static let startServer = Flag(
        "server", .value("ID"),
        "Current server of who has chosen none, by 16 to 64 digits. Default: the last one used.")
    static let identity = Flag(
        "identity", .value("PATH"),
        "Key file, made if absent. Default: identity in the data directory.")
    static let persist = Flag("persist", "Keeps what is stored on disk (default).")
    static let ephemeral = Flag(
        "ephemeral", "Keeps it in memory, and the key, too, unless --identity names one.")
    static let allowRemote = Flag(
        "allow-remote", "Lets --bind be an address that other machines reach.")
    static let allowedHost = Flag(
        "allowed-host", .values("HOST"), "A Host header that HTTP answers to, besides loopback.")
    static let allowedOrigin = Flag(
        "allowed-origin", .values("ORIGIN"), "A web page's origin that may use HTTP.")
    static let authIssuer = Flag(
        "auth-issuer", .value("URL"),
        "An authorization server whose tokens are taken, too; see --auth-jwks-file.")
    static let authKeys = Flag(
        "auth-jwks-file", .value("PATH"), "Its public keys (a JWK set), of which Ed25519 is used.")
    static let authResource = Flag(
        "auth-resource", .value("URL"),
        "The address that its tokens must name as audience. Default: http://HOST:PORT/mcp.")
    static let label = Flag("label", .value("TEXT"), "What the token is for.")
    static let channels = Flag(
        "channels", .value("A,B"), "Channels that exist for it, such as #build or server/*.")
    static let deny = Flag("deny", .value("A,B"), "Channels that do not exist for it.")
    static let noDirect = Flag("no-direct", "Direct messages do not exist for it.")
    static let expires = Flag(
        "expires", .value("TIME"), "How long it works: 12h, 30d (default: 90d), or never.")
    static let scope = Flag(
        "scope", .value("SCOPE"),
        "read-only, messaging (default), admin, full, or custom (exactly --tools).")
    static let toolsets = Flag("toolsets", .value("A,B"), "Groups of tools. Default: by scope.")
    static let tools = Flag("tools", .value("A,B"), "Single tools, besides or instead.")
    static let consent = Flag(
        "consent", .value("WHO"), "Who agrees to far-reaching acts: human, confirm (default), off.")
    static let limit = Flag(
        "limit", .values("KIND=N[/B]"),
        "Calls a minute (at once), or a bound, as check-config names them in limits.*; file-kib.")
    static let iKnow = Flag("i-know", "Lets --limit raise a bound above eight times the usual.")
    static let maxFile = Flag(
        "max-file", .value("MIB"), "Largest file taken from agents, 1 to 256 MiB. Default: 25.")
    static let caption = Flag("caption", .value("TEXT"), "Text of the message with the file.")
    static let mime = Flag("mime", .value("TYPE"), "Media type. Default: by its content.")
    static let overwrite = Flag("overwrite", "Replaces a file that is there.")
    static let logLevel = Flag(
        "log-level", .value("LEVEL"), "error, warning, info (default), debug or trace.")
    static let logFormat = Flag(
        "log-format", .value("FORMAT"), "text (default) or json: one object a line.")
    static let config = Flag(
        "config", .value("PATH"), "Configuration file. Default: config.json in the data directory.")
    static let noAttach = Flag(
        "no-attach", "Ends with 5 when a node already runs there, instead of joining it.")
    static let overrideRecovery = Flag(
        "override-recovery", "After a restored copy: write again although no peer could be asked.")
    static let generateIdentity = Flag(
        "generate-identity", "Makes the key file, prints the peer id and ends.")
    static let printPeerID = Flag("print-peer-id", "Prints the peer id and ends.")

    static let serverName = Flag("server-name", .value("NAME"), "Creates a first server, too.")
    static let force = Flag("force", "Also on a data directory that has been set up before.")
    static let plain = Flag("plain", "Without colours.")

    static let replyTo = Flag("reply-to", .value("MESSAGE_ID"), "The message it answers.")
    static let clientMessageID = Flag(
        "client-msg-id", .value("ID"), "Your own name for it: the same again is not sent twice.")
    static let sentFile = Flag("file", .value("PATH"), "Posts this file; the text is its caption.")
    static let waitForPeer = Flag(
        "wait-for-peer", .value("SECONDS"), "Waits until another peer has it, or ends with 9.")
    static let confirm = Flag("confirm", "Sends it although it seems to hold a secret.")
    static let count = Flag("limit", .value("N"), "How many messages at most. Default: 50.")
    static let after = Flag("after", .value("CURSOR"), "Only what came after a cursor or message.")
    static let before = Flag("before", .value("CURSOR"), "Only what stands before it.")
    static let since = Flag("since", .value("TIME"), "Only from 2h, 3d or an ISO 8601 time on.")
    static let types = Flag("types", .value("A,B"), "Only events of these types.")
    static let settle = Flag(
        "settle", .value("MS"), "One line per burst, when it was quiet that long.")
    static let messages = Flag("messages", "Messages with their text instead of bare events.")
    static let server = Flag(
        "server", .value("SERVER"), "Its name, or 16 digits of its id. Default: the current one.")
    static let format = Flag(
        "format", .value("FORMAT"), "jsonl: messages (default); events: the signed log.")
    static let output = Flag("output", .value("FILE"), "Writes there. Default: standard output.")
    static let file = Flag("file", .value("FILE"), "An exported event log, checked by itself.")
    static let timeout = Flag("timeout", .value("SECONDS"), "How long to wait. Default: 30.")
    static let rebuild = Flag(
        "rebuild", "Makes everything anew that follows from the signed events.")
    static let noKeys = Flag("no-keys", "Without identity and local keys.")
    static let noFiles = Flag("no-files", "Without the files of messages.")
    static let hookChannel = Flag(
        "channel", .value("CHANNEL"), "The channel that a webhook posts to.")
    static let push = Flag(
        "push", .values("KIND"), "claude-channel: one-line notices of mentions to the client.")
    static let pushFrom = Flag(
        "push-from", .values("PEER_ID"), "A peer whose mentions may interrupt, like verified ones.")
    static let resources = Flag(
        "resources", .value("A,B"), "Resource addresses and templates that exist for it.")

    static let lockdown = Flag(
        "lockdown", "Shows it no text of authors whose key nobody here has compared.")
    static let auditTool = Flag("tool", .value("NAME"), "Only calls of this tool.")
    static let auditToken = Flag("token-id", .value("ID"), "Only what this token did.")
    static let outcome = Flag(
        "outcome", .value("WORD"), "Only this outcome, or this code of an error.")
    static let records = Flag("limit", .value("N"), "How many records at most. Default: 50.")

    static let role = Flag("role", .value("ROLE"), "initiator or responder.")
    static let port = Flag("port", .value("N"), "The port on 127.0.0.1.")
}
