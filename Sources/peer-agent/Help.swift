/// The text of `--help`, made from the tables of commands and flags.
enum Help {
    /// - Parameter command: `nil` = the whole program.
    static func text(of command: (any Command.Type)?) -> String {
        guard let command else { return program }
        let words = ["usage: peer-agent", command.name, command.synopsis, "[flags]"]
        var lines = [
            "peer-agent \(command.name): \(command.summary)", "",
            words.filter { !$0.isEmpty }.joined(separator: " "), "",
        ]
        lines += table(command.flags.map { (spelling(of: $0), $0.summary) })
        lines += ["", "Each flag can be set in the environment, such as PEER_AGENT_DATA_DIR."]
        return lines.joined(separator: "\n") + "\n"
    }

    private static var program: String {
        var lines = [
            "peer-agent: a peer-to-peer chat node for people and AI agents.", "",
            "usage: peer-agent [COMMAND] [flags]", "",
        ]
        let commands = Invocation.commands.filter { !$0.isHidden }
        lines += table(commands.map { ($0.name, $0.summary) })
        lines += ["", "Flags of run, which is also what happens without a command:"]
        lines += table(RunCommand.flags.map { (spelling(of: $0), $0.summary) })
        lines += ["", "peer-agent help COMMAND shows the flags of the others."]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func spelling(of flag: Flag) -> String {
        flag.placeholder.map { "\(flag.spelled) \($0)" } ?? flag.spelled
    }

    private static func table(_ rows: [(String, String)]) -> [String] {
        let width = rows.map { $0.0.count }.max() ?? 0
        return rows.map { name, text in
            "  " + name + String(repeating: " ", count: width - name.count + 2) + text
        }
    }
}
