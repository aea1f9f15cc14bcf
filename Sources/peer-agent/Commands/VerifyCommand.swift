import AgentServer
import PeerNet
import PeerState

/// Checks that what is here is what others have, or that an exported log is whole.
struct VerifyCommand: Command {
    static let name = "verify"
    static let summary = "Compares the state with that of peers, or checks an exported log alone."
    static let flags: [Flag] = [.dataDirectory, .config, .server, .timeout, .file, .json]

    private enum Purpose {
        case file(String)
        case peers(NodeAccess, server: ServerChoice?, seconds: UInt64)
    }

    private let purpose: Purpose
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        isJSON = arguments.contains(.json)
        if let file = arguments[.file] {
            purpose = .file(try Paths.absolute(file))
        } else {
            purpose = .peers(
                try arguments.access(), server: try arguments.server(),
                seconds: try arguments.seconds(.timeout, in: 0...30) ?? 30)
        }
    }

    func run() async throws {
        switch purpose {
        case .file(let path): try show(try ExportCheck.run(path))
        case .peers(let access, let server, let seconds):
            try await access.run { client in
                var call: JSONObject = ["timeout_s": JSON(seconds)]
                if let server = try client.id(of: server) { call.append("server", .string(server)) }
                try show(try client.call("verify_state", call, patience: .seconds(seconds)))
            }
        }
    }

    private func show(_ summary: LogCheck.Summary) throws(CLIFailure) {
        let json: JSON = [
            "events": JSON(summary.events), "authors": JSON(summary.authors),
            "void": JSON(summary.void), "messages": JSON(summary.messages),
            "state_hash": .string(summary.stateHash.hex),
        ]
        try Output.line(
            isJSON
                ? json.text
                : "\(summary.events) events of \(summary.authors) authors are whole and signed; "
                    + "\(summary.void) have no effect\nstate \(summary.stateHash.hex)")
    }

    /// - Source: the result of `verify_state`, MCP 3.5.
    private func show(_ result: JSON) throws(CLIFailure) {
        let peers = result["peers"]?.array ?? []
        if isJSON {
            try Output.line(result.text)
        } else {
            try Output.line("state \(result["state_hash"]?.string ?? "")")
            for peer in peers {
                let words = [peer["peer_id"]?.string ?? "", peer["verdict"]?.string ?? ""]
                try Output.line(words.map(TerminalText.line).joined(separator: "  "))
            }
        }
        switch result["verdict"]?.string {
        case "agree": return
        case "alone": throw CLIFailure(.timeout, "no peer answered, so nothing was compared")
        default:
            let other = peers.first { $0["verdict"]?.string == "differ" }
            let section = other?["section"].map { " in section \($0.string ?? $0.text)" } ?? ""
            throw CLIFailure(
                .statesDiffer, "peer \(other?["peer_id"]?.string ?? "?") differs\(section)")
        }
    }
}
