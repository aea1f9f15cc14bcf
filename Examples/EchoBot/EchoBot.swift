import AgentKit
import Glibc

/// Answers `!echo …`, `!who` and `!help` wherever its token may read and write.
///
/// Start it beside a running node: `PEER_AGENT_TOKEN=$(peer-agent token create --label echo)
/// swift run EchoBot`, or name the data directory as its argument.
@main
struct EchoBot {
    static func main() async throws {
        let folder = CommandLine.arguments.dropFirst().first
        let agent = try await Agent.connect(dataDirectory: folder, label: "echo bot")
        print("ready")
        fflush(nil)  // Seen at once also by a program that reads it.
        for try await message in agent.messages() {
            guard let answer = try await answer(to: message, agent) else { continue }
            do {
                // The same name for the same answer: after a crash it is not posted twice.
                try await agent.reply(answer, to: message, once: "re-" + message.id.prefix(32))
            } catch AgentError.tool(let code, let advice, _) {
                print("\(code): \(advice)")
            }
        }
    }

    /// - Returns: `nil` for what is not meant for it.
    static func answer(to message: Message, _ agent: Agent) async throws -> String? {
        guard !message.isAgent, message.text.hasPrefix("!") else { return nil }
        let words = message.text.dropFirst().split(separator: " ", maxSplits: 1)
        switch words.first {
        case "echo": return words.count == 2 ? String(words[1]) : "Echo what?"
        case "who":
            let members = try await agent.read("peer://server/members")["members"]?.array ?? []
            let names = members.compactMap { $0["display_name"]?.string }
            return "\(names.count) members: " + names.joined(separator: ", ")
        case "help": return "!echo TEXT repeats it, !who lists the members."
        default: return nil
        }
    }
}
