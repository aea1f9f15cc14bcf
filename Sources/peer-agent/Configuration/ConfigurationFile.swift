import AgentServer
import Glibc
import PeerState

/// The settings of one configuration file, each with the line in which it stands.
///
/// - Source: MCP 16.5. JSON in which comments and trailing commas are accepted.
struct ConfigurationFile: Sendable {
    struct Setting: Sendable {
        let path: String
        let flag: Flag
        let values: [String]
        let line: Int
    }

    private static let bytesMax = 1 << 20
    /// The usual ones, as this file may say others.
    private static let jsonLimits = JSONLimits(
        depth: OperatorLimit.jsonDepth.usual, nodes: OperatorLimit.jsonNodes.usual)

    let path: String
    private(set) var settings: [Setting] = []

    /// Reads a file; returns `nil` when there is none.
    ///
    /// - Errors: `badConfiguration`, naming the file, the line, the entry and what it may be.
    static func read(_ path: String) throws(CLIFailure) -> ConfigurationFile? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            // Nothing can be at such a place; the data directory says so itself.
            if [ENOENT, ENOTDIR, ENAMETOOLONG].contains(errno) { return nil }
            throw CLIFailure(.badConfiguration, "cannot open \(path): \(systemText(errno))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CLIFailure(.badConfiguration, "\(path) is not a regular file")
        }
        guard status.st_size <= bytesMax else {
            throw CLIFailure(.badConfiguration, "\(path) has over 1 MiB; it holds settings only")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(file, &bytes, bytes.count)
        return try ConfigurationFile(path, Array(bytes.prefix(max(0, count))))
    }

    /// - Parameter text: what the file holds.
    init(_ path: String, _ text: [UInt8]) throws(CLIFailure) {
        self.path = path
        let text = ConfigurationText(text)
        let json: JSON
        do {
            json = try JSON(parsing: text.json, limits: Self.jsonLimits)
        } catch {
            let offset = Int(error.detail.filter(\.isNumber)) ?? 0
            throw CLIFailure(
                .badConfiguration,
                "\(path):\(text.line(ofByte: offset)): \(Self.problem(error, offset, text))")
        }
        guard let object = json.object else {
            throw CLIFailure(.badConfiguration, "\(path):1: it must be one object: { … }")
        }
        let lines = text.lines()
        try take(object, "", lines)
    }

    private static func problem(
        _ error: JSONFailure, _ offset: Int, _ text: ConfigurationText
    ) -> String {
        guard error.code == .jsonDuplicateKey, let entry = text.entry(before: offset) else {
            return error.code.word
        }
        return "\(entry.quoted) is given twice, keep one (\(error.code.word))"
    }

    private mutating func take(
        _ object: JSONObject, _ prefix: String, _ lines: [String: Int]
    ) throws(CLIFailure) {
        for member in object.members {
            let name = prefix + member.key
            let line = lines[name] ?? 1
            if let entry = ConfigurationEntry.all.first(where: { $0.path == name }) {
                try take(entry, member.value, line)
            } else if let inner = member.value.object, Self.isGroup(name) {
                try take(inner, name + ".", lines)
            } else {
                throw unknown(name, line)
            }
        }
    }

    private static func isGroup(_ name: String) -> Bool {
        ConfigurationEntry.all.contains { $0.path.hasPrefix(name + ".") }
    }

    private func unknown(_ name: String, _ line: Int) -> CLIFailure {
        let place = "\(path):\(line): "
        if name.split(separator: ".").last.map({ $0 == "token" || $0 == "secret" }) == true {
            return CLIFailure(
                .badConfiguration,
                "\(place)\(name.quoted): secrets are never kept here; use --token-file")
        }
        if Self.isGroup(name) {
            return CLIFailure(.badConfiguration, "\(place)\(name.quoted) must be an object")
        }
        let nearest = Spelling.nearest(to: name, among: ConfigurationEntry.all.map(\.path))
        let hint = nearest.map { "; did you mean \($0)?" } ?? ""
        return CLIFailure(.badConfiguration, "\(place)\(name.quoted) is not known\(hint)")
    }

    private mutating func take(
        _ entry: ConfigurationEntry, _ value: JSON, _ line: Int
    ) throws(CLIFailure) {
        let values: [String]
        do throws(ConfigurationProblem) {
            values = try entry.values(value)
        } catch {
            let shown = String(value.text.prefix(80)).printable
            throw CLIFailure(
                .badConfiguration,
                "\(path):\(line): \(entry.path) is \(shown); it can be \(error.wanted)")
        }
        guard !values.isEmpty else { return }
        guard let flag = RunCommand.flags.first(where: { $0.name == entry.flag }) else {
            throw CLIFailure(
                .badConfiguration,
                "\(path):\(line): \(entry.path) cannot be set in this version; take it out")
        }
        settings.append(Setting(path: entry.path, flag: flag, values: values, line: line))
    }
}

extension Arguments {
    /// Adds the configuration file of the data directory, or the one that was named.
    ///
    /// - Errors: `badConfiguration`; also when a file was named that is not there.
    func withConfiguration(_ dataDirectory: String) throws(CLIFailure) -> Arguments {
        guard let file = try configurationFile(dataDirectory) else { return self }
        var result = self
        result.fill(from: file)
        return result
    }

    func configurationFile(_ dataDirectory: String) throws(CLIFailure) -> ConfigurationFile? {
        guard let named = self[.config] else {
            return try ConfigurationFile.read(dataDirectory + "/config.json")
        }
        let path = try Paths.absolute(named)
        guard let file = try ConfigurationFile.read(path) else {
            throw CLIFailure(.badConfiguration, "there is no file \(path)")
        }
        return file
    }
}
