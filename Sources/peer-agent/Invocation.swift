import Glibc
import PeerState

/// One call of the program: chooses the command, runs it, and turns its end into an exit code.
struct Invocation {
    static let version = "0.1.0"

    /// The commands by name; the first is what runs when none is named.
    static let commands: [any Command.Type] = [
        RunCommand.self, InitCommand.self,
        SendCommand.self, ReadCommand.self, WatchCommand.self, ChatCommand.self,
        UploadCommand.self, DownloadCommand.self,
        InviteCommand.self, JoinCommand.self, ContactCommand.self,
        ListingCommand<ServerListing>.self, ListingCommand<ChannelListing>.self,
        ListingCommand<MemberListing>.self,
        TokenCommand.self, HookCommand.self, AuditCommand.self, StatusCommand.self,
        DoctorCommand.self, VerifyCommand.self, ExportCommand.self,
        BackupCommand.self, RestoreCommand.self, CheckConfigCommand.self,
        DemoCommand.self,
        ProbeCommand.self,
    ]

    /// - Parameter words: the command line without the program's name.
    static func run(_ words: [String]) async -> ExitCode {
        do {
            let (command, rest) = try choose(words)
            if isAsked(.help, rest) {
                try Output.write(Help.text(of: isAboutAll(words) ? nil : command))
                return .done
            }
            if isAsked(.version, rest) {
                try Output.line("peer-agent \(version)")
                return .done
            }
            let arguments = try Arguments(
                rest, flags: command.flags + [Flag.help, Flag.version],
                maximumWords: command.maximumWords, environment: environment)
            try await command.init(arguments).run()
            return .done
        } catch {
            return Output.report(error)
        }
    }

    private static func choose(
        _ words: [String]
    ) throws(CLIFailure) -> (any Command.Type, ArraySlice<String>) {
        guard let first = words.first, !first.hasPrefix("-") else {
            return (RunCommand.self, words[...])
        }
        if first == "help" {
            guard words.count > 1 else { return (RunCommand.self, ["--help"]) }
            let (command, _) = try choose(Array(words.dropFirst().prefix(1)))
            return (command, ["--help"])
        }
        guard let command = commands.first(where: { $0.name == first }) else {
            throw Arguments.unknown(first, commands.filter { !$0.isHidden }.map { $0.name })
        }
        return (command, words.dropFirst())
    }

    /// Whether help is asked for without naming a command.
    private static func isAboutAll(_ words: [String]) -> Bool {
        words == ["help"] || words.first?.hasPrefix("-") != false
    }

    private static func isAsked(_ flag: Flag, _ words: ArraySlice<String>) -> Bool {
        words.prefix { $0 != "--" }.contains(flag.spelled)
    }

    static func environment(_ variable: String) -> String? {
        getenv(variable).map { String(cString: $0) }
    }
}
