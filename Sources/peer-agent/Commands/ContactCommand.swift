import AgentServer
import PeerState

/// Shows the safety number of a peer, and notes what nobody else shall see.
struct ContactCommand: Command {
    static let name = "contact"
    static let summary = "Shows a peer's safety number; notes a nickname, a compared key, a block."
    static let synopsis = "PEER_ID"
    static let flags: [Flag] = [
        .dataDirectory, .config, .nickname, .verified, .blocked, .json,
    ]
    static let maximumWords = 1

    private let access: NodeAccess
    private let call: JSONObject
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        guard let peer = arguments.words.first, Peer.ID(hex: peer) != nil else {
            throw CLIFailure(.usage, "contact needs a peer id of 64 digits; see members")
        }
        access = try arguments.access()
        isJSON = arguments.contains(.json)
        let answers = [("yes", true), ("no", false)]
        var call: JSONObject = ["peer_id": .string(peer), "confirm": true]
        if let nickname = arguments[.nickname] { call.append("nickname", .string(nickname)) }
        if let isVerified = try arguments.choice(.verified, answers) {
            call.append("verified", .bool(isVerified))
        }
        if let isBlocked = try arguments.choice(.blocked, answers) {
            call.append("blocked", .bool(isBlocked))
        }
        self.call = call
    }

    func run() async throws {
        try await access.run { client in
            let result = try client.call("set_contact", call)
            if isJSON { return try Output.line(result.text) }
            func text(_ key: String) -> String {
                TerminalText.line(result[key]?.string ?? "")
            }
            func flag(_ key: String) -> String { result[key]?.bool == true ? "yes" : "no" }
            try Output.line("safety number  \(text("safety_number"))")
            if !text("nickname").isEmpty { try Output.line("nickname       \(text("nickname"))") }
            try Output.line("verified       \(flag("verified"))")
            try Output.line("blocked        \(flag("blocked"))")
        }
    }
}

extension Flag {
    static let nickname = Flag("nickname", .value("NAME"), "Your own name for the peer.")
    static let verified = Flag(
        "verified", .value("YES"), "yes after comparing the safety number by voice, or no.")
    static let blocked = Flag("blocked", .value("YES"), "yes to hear nothing of the peer, or no.")
}
