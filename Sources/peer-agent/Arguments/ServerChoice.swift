import AgentServer
import PeerState

/// A server as a person names it: by its name, or by 16 to 64 digits of its id.
struct ServerChoice: Sendable {
    /// A server there is to choose from; without its name where only ids are at hand.
    struct Entry: Sendable {
        let id: String
        var name = ""

        fileprivate var shown: String {
            let digits = String(id.prefix(16))
            return name.isEmpty ? digits : "\(name.quoted) \(digits)"
        }
    }

    private let text: String

    /// - Errors: `usage` for nothing.
    init(_ text: String) throws(CLIFailure) {
        guard !text.isEmpty else {
            throw CLIFailure(.usage, "--server is empty; give its name, or 16 digits of its id")
        }
        self.text = text
    }

    /// Whether it can only be understood as a name.
    var isName: Bool { digits == nil }

    /// What ids begin with, as far as this can be the beginning of one.
    private var digits: String? {
        guard (16...64).contains(text.utf8.count), text.allSatisfy(\.isHexDigit) else { return nil }
        return text.lowercased()
    }

    /// - Returns: the whole id of the one server that is meant.
    /// - Errors: `unknownServer`, naming those there are.
    func id(among entries: [Entry]) throws(CLIFailure) -> String {
        var found = entries.filter { $0.name == text }
        if found.isEmpty, let digits { found = entries.filter { $0.id.hasPrefix(digits) } }
        if found.count == 1, let entry = found.first { return entry.id }
        let (those, choices) =
            found.isEmpty
            ? ("no server of this node is", entries)
            : ("several servers are", found)
        throw CLIFailure(
            .unknownServer,
            "--server is \(text.quoted), which \(those); \(Self.choices(choices))")
    }

    /// What a person can do next.
    static func choices(_ entries: [Entry]) -> String {
        guard !entries.isEmpty else {
            return "this node is in no server yet: peer-agent join CODE_OR_LINK brings it into one"
        }
        var shown = entries.prefix(Limits.serversShown).map(\.shown)
        if entries.count > shown.count { shown.append("\(entries.count - shown.count) more") }
        return "there is: " + shown.joined(separator: ", ")
    }
}

extension Limits {
    /// Servers that a refusal offers.
    static let serversShown = 8
}

extension Arguments {
    /// The server that a command is about; `nil` = the current one.
    func server() throws(CLIFailure) -> ServerChoice? {
        try self[.server].map { text throws(CLIFailure) in try ServerChoice(text) }
    }
}

extension NodeClient {
    /// The id of the server that is meant, as the node knows its servers.
    ///
    /// - Errors: `unknownServer`; those of the conversation.
    func id(of choice: ServerChoice?) throws(CLIFailure) -> String? {
        guard let choice else { return nil }
        return try choice.id(among: try servers())
    }
}
