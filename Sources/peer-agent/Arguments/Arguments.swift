import PeerState

/// What was asked for: flags from the command line, then from the environment.
///
/// - Source: MCP 16.5 (flag > environment > default).
struct Arguments: Sendable {
    private var given: [Flag: [String]] = [:]
    private var origins: [Flag: Origin] = [:]
    /// Lines of the configuration file, by flag and value.
    private var lines: [Flag: [String: Int]] = [:]
    /// Of the configuration file; empty where there is none.
    private var filePath = ""
    private(set) var words: [String] = []

    /// Where a value comes from.
    enum Origin: Hashable, Sendable {
        case flag
        case environment
        case file(line: Int)
    }

    /// - Parameter words: without the program's and the command's name.
    /// - Parameter environment: the value of a variable; empty counts as absent.
    /// - Errors: `usage` names the argument and the nearest flag; `badEnvironment`.
    init(
        _ words: some Sequence<String>, flags: [Flag], maximumWords: Int = 0,
        environment: (String) -> String?
    ) throws(CLIFailure) {
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                self.words.append(word)
                continue
            }
            if word == "--" {
                self.words.append(contentsOf: rest)
                break
            }
            try take(word, &rest, flags)
        }
        if self.words.count > maximumWords {
            let surplus = self.words[maximumWords]
            throw CLIFailure(.usage, "\(surplus.quoted) is one argument too many")
        }
        for flag in given.keys { origins[flag] = .flag }
        for flag in flags where given[flag] == nil {
            guard let value = environment(flag.variable), !value.isEmpty else { continue }
            given[flag] = try Self.fromEnvironment(value, flag)
            if given[flag] != nil { origins[flag] = .environment }
        }
    }

    /// Adds what the configuration file says, wherever nothing stronger was said.
    mutating func fill(from file: ConfigurationFile) {
        filePath = file.path
        let stronger = Set(given.keys)
        // Each limit is a setting of its own, though one flag names them all.
        let limits = Set((given[.limit] ?? []).map(Self.limitName))
        for setting in file.settings {
            let flag = setting.flag
            guard flag == .limit || !stronger.contains(flag) else { continue }
            for value in setting.values
            where flag != .limit || !limits.contains(Self.limitName(value)) {
                given[flag, default: []].append(value)
                lines[flag, default: [:]][value] = setting.line
            }
            if origins[flag] == nil { origins[flag] = .file(line: setting.line) }
        }
    }

    private static func limitName(_ value: String) -> Substring { value.prefix { $0 != "=" } }

    private mutating func take(
        _ word: String, _ rest: inout ArraySlice<String>, _ flags: [Flag]
    ) throws(CLIFailure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let spelled = String(parts[0])
        guard let flag = flags.first(where: { $0.spelled == spelled }) else {
            throw Self.unknown(spelled, flags.map(\.spelled))
        }
        guard flag.placeholder != nil else {
            guard parts.count == 1 else {
                throw CLIFailure(.usage, "\(spelled) takes no value")
            }
            guard given[flag] == nil else {
                throw CLIFailure(.usage, "\(spelled) was given twice")
            }
            given[flag] = [""]
            return
        }
        let value = parts.count == 2 ? String(parts[1]) : rest.popFirst()
        guard let value, parts.count == 2 || !flags.contains(where: { $0.spelled == value })
        else { throw CLIFailure(.usage, "\(spelled) needs a value: \(flag.placeholder ?? "")") }
        try add(value, to: flag)
    }

    private mutating func add(_ value: String, to flag: Flag) throws(CLIFailure) {
        guard case .value = flag.shape else {
            given[flag, default: []].append(value)
            return
        }
        guard given[flag] == nil else {
            throw CLIFailure(.usage, "\(flag.spelled) was given twice")
        }
        given[flag] = [value]
    }

    private static func fromEnvironment(
        _ value: String, _ flag: Flag
    ) throws(CLIFailure) -> [String]? {
        switch flag.shape {
        case .value: return [value]
        case .values: return value.split(separator: ",").map(String.init)
        case .presence: break
        }
        switch value {
        case "1", "true", "yes": return [""]
        case "0", "false", "no": return nil
        default:
            throw CLIFailure(
                .badEnvironment, "\(flag.variable) is \(value.quoted); set it to 1 or 0")
        }
    }

    /// The refusal of a word that is none of `known`, with the nearest of them.
    static func unknown(_ word: String, _ known: [String]) -> CLIFailure {
        CLIFailure(.usage, "\(word.quoted) is not known here\(hint(word, known))")
    }

    /// The nearest of what is known, or all of it where that is little.
    private static func hint(_ word: String, _ known: [String]) -> String {
        if let nearest = Spelling.nearest(to: word, among: known) {
            return "; did you mean \(nearest)?"
        }
        guard known.count <= knownShown else { return "" }
        return "; there are: \(known.joined(separator: ", "))"
    }

    /// Words that a refusal lists.
    private static var knownShown: Int { 12 }
}

extension Arguments {
    subscript(_ flag: Flag) -> String? { given[flag]?.first }

    func all(_ flag: Flag) -> [String] { given[flag] ?? [] }

    func contains(_ flag: Flag) -> Bool { given[flag] != nil }

    /// `nil` = nobody said anything.
    func origin(of flag: Flag, _ value: String? = nil) -> Origin? {
        value.flatMap { lines[flag]?[$0] }.map { .file(line: $0) } ?? origins[flag]
    }

    /// A value that must be one of few words.
    ///
    /// - Errors: `usage`, naming the words.
    func choice<Value>(_ flag: Flag, _ values: [(String, Value)]) throws(CLIFailure) -> Value? {
        guard let word = self[flag] else { return nil }
        guard let value = values.first(where: { $0.0 == word })?.1 else {
            let words = values.map(\.0).joined(separator: ", ")
            throw refusal(of: flag, word, "it can be \(words)")
        }
        return value
    }

    /// The refusal of a value, blamed on whoever said it: the flag, its variable or the file.
    ///
    /// - Parameter advice: what it can be.
    func refusal(of flag: Flag, _ value: String, _ advice: String) -> CLIFailure {
        switch origin(of: flag, value) {
        case .environment:
            CLIFailure(.badEnvironment, "\(flag.variable) is \(value.quoted); \(advice)")
        case .file(let line):
            CLIFailure(
                .badConfiguration,
                "\(filePath):\(line): \(entryName(flag, value)) is \(value.quoted); \(advice)")
        case .flag, nil: CLIFailure(.usage, "\(flag.spelled) is \(value.quoted); \(advice)")
        }
    }

    /// The same for a word of a list that is none of `known`.
    func unknown(_ word: String, in flag: Flag, _ known: [String]) -> CLIFailure {
        refusal(
            of: flag, self[flag] ?? word, "\(word.quoted) is not known\(Self.hint(word, known))")
    }

    private func entryName(_ flag: Flag, _ value: String) -> String {
        let entries = ConfigurationEntry.all.filter { $0.flag == flag.name }
        guard flag == .limit else { return entries.first?.path ?? flag.name }
        return "limits." + value.prefix { $0 != "=" }
    }

    /// The parts of a list separated by commas; `nil` when the flag is absent.
    func list(_ flag: Flag) -> [String]? {
        self[flag].map { $0.split(separator: ",").map { String($0) } }
    }
}
