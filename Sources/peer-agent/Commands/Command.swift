import Glibc
import PeerState

/// One subcommand: its place in the help, its flags, and what it does.
protocol Command: Sendable {
    static var name: String { get }
    static var summary: String { get }
    static var flags: [Flag] { get }
    static var isHidden: Bool { get }
    /// The words that follow the name, for the help.
    static var synopsis: String { get }
    /// Words without dashes that may follow.
    static var maximumWords: Int { get }

    /// - Errors: `usage` for values that cannot be meant.
    init(_ arguments: Arguments) throws(CLIFailure)
    func run() async throws
}

extension Command {
    static var isHidden: Bool { false }
    static var synopsis: String { "" }
    static var maximumWords: Int { 0 }
}

extension Arguments {
    /// Where the node keeps its files, as a path from the root.
    ///
    /// - Errors: `badEnvironment` when there is neither a flag nor a home.
    func dataDirectoryPath() throws(CLIFailure) -> String {
        let named = self[.dataDirectory] ?? Invocation.environment("PEER_AGENT_HOME")
        if let named, !named.isEmpty { return try Paths.absolute(named) }
        return try Paths.home() + "/.peer-agent"
    }
}

/// Paths as people write them.
enum Paths {
    static func absolute(_ path: String) throws(CLIFailure) -> String {
        guard !path.utf8.contains(0) else {
            throw CLIFailure(.usage, "a path cannot hold a NUL byte")
        }
        // Clients that start the program do not expand it as a shell does.
        if path == "~" { return try home() }
        if path.hasPrefix("~/") { return try home() + path.dropFirst(1) }
        if path.hasPrefix("/") { return path }
        guard let working = getcwd(nil, 0) else {
            throw CLIFailure(.usage, "the working directory is gone; name a full path")
        }
        defer { free(working) }
        return String(cString: working) + "/" + path
    }

    static func home() throws(CLIFailure) -> String {
        if let home = Invocation.environment("HOME"), home.hasPrefix("/") { return home }
        guard let entry = getpwuid(geteuid()), let home = entry.pointee.pw_dir else {
            throw CLIFailure(.badEnvironment, "HOME is not set; name a directory with --data-dir")
        }
        return String(cString: home)
    }

    /// Whether something is there; opens and creates nothing.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
