import AgentServer
import PeerState

/// Makes an invite for one peer, or a link for whoever has it, and prints it alone.
struct InviteCommand: Command {
    static let name = "invite"
    static let summary = "Prints an invite for one peer, or with --link one for whoever has it."
    static let synopsis = "[PEER_ID]"
    static let flags: [Flag] = [
        .dataDirectory, .config, .server, .link, .maxUses, .inviteExpires, .json,
    ]
    static let maximumWords = 1

    private let access: NodeAccess
    private let tool: String
    private let server: ServerChoice?
    private let call: JSONObject
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        let path = try arguments.dataDirectoryPath()
        // A node that does not run yet says here where it will be reached.
        access = try NodeAccess(
            try arguments.withConfiguration(path), path: path, isListening: true)
        isJSON = arguments.contains(.json)
        var call: JSONObject
        if arguments.contains(.link) {
            guard arguments.words.isEmpty else {
                throw CLIFailure(.usage, "--link is for whoever has it; leave the peer id away")
            }
            tool = "create_join_link"
            call = ["max_uses": JSON(Int(try arguments.uses()))]
        } else {
            guard let peer = arguments.words.first, Peer.ID(hex: peer) != nil else {
                throw CLIFailure(
                    .usage, "invite needs a peer id of 64 digits, or --link for whoever has it")
            }
            guard !arguments.contains(.maxUses) else {
                throw CLIFailure(.usage, "--max-uses belongs to --link")
            }
            tool = "generate_invite"
            call = ["recipient_peer_id": .string(peer)]
        }
        server = try arguments.server()
        if let expires = arguments[.inviteExpires] { call.append("expires_at", .string(expires)) }
        // Asking for it on the command line is the consent.
        call.append("confirm", true)
        self.call = call
    }

    func run() async throws {
        try await access.run { client in
            var call = call
            if let server = try client.id(of: server) { call.append("server", .string(server)) }
            let result = try client.call(tool, call)
            if isJSON { return try Output.line(result.text) }
            let text = result["link"]?.string ?? result["invite_code"]?.string ?? ""
            let end = result["expires_at"]?.string.map { "; it works until \($0)" } ?? ""
            Log.standardError("peer-agent: hand it over privately\(end)")
            try Output.line(text)
        }
    }
}

extension Arguments {
    fileprivate func uses() throws(CLIFailure) -> UInt64 {
        guard let text = self[.maxUses] else { return 1 }
        guard let number = UInt64(text), LinkIssued.usesRange.contains(number) else {
            throw CLIFailure(.usage, "--max-uses is \(text.quoted); it can be 1 to 10000")
        }
        return number
    }
}

extension Flag {
    static let link = Flag("link", "A link for whoever has it, instead of one peer.")
    static let maxUses = Flag("max-uses", .value("N"), "Peers that may join by it. Default: 1.")
    static let inviteExpires = Flag(
        "expires", .value("TIME"),
        "How long it works: 12h, 3d, or ISO 8601. A link: 7d; one peer is a member at once.")
}
