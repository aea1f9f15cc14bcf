import AgentServer
import PeerState

/// Shows what a node would run with, and who says so.
struct CheckConfigCommand: Command {
    static let name = "check-config"
    static let summary = "Checks the configuration file, and shows every value with its origin."
    static let flags = RunCommand.flags + [.json]

    private struct Line {
        let entry: ConfigurationEntry
        let value: String
        let origin: String
    }

    private let lines: [Line]
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        isJSON = arguments.contains(.json)
        let path = try arguments.dataDirectoryPath()
        let file = try arguments.configurationFile(path)
        var filled = arguments
        if let file { filled.fill(from: file) }
        // Says what `run` would say.
        _ = try Service(arguments, path: path)
        var lines: [Line] = []
        for entry in ConfigurationEntry.all {
            guard let flag = RunCommand.flags.first(where: { $0.name == entry.flag }) else {
                continue
            }
            lines.append(Self.line(entry, flag, filled, file))
        }
        self.lines = lines
    }

    private static func line(
        _ entry: ConfigurationEntry, _ flag: Flag, _ arguments: Arguments,
        _ file: ConfigurationFile?
    ) -> Line {
        var values = arguments.all(flag)
        var chosen = values.first
        if flag.name == Flag.limit.name {
            let kind = entry.limitName + "="
            values = values.filter { $0.hasPrefix(kind) }
            chosen = values.first
            values = values.map { String($0.dropFirst(kind.count)) }
        }
        guard !values.isEmpty, let origin = arguments.origin(of: flag, chosen) else {
            return Line(entry: entry, value: entry.usual, origin: "default")
        }
        var value = flag.placeholder == nil ? "true" : values.joined(separator: ",")
        if case .inverse = entry.kind { value = "false" }
        let source =
            switch origin {
            case .flag: flag.spelled
            case .environment: flag.variable
            case .file(let line): "\(file?.path ?? ""):\(line)"
            }
        return Line(entry: entry, value: value, origin: source)
    }

    func run() async throws {
        guard !isJSON else {
            for line in lines {
                let object: JSON = [
                    "entry": .string(line.entry.path), "value": .string(line.value),
                    "origin": .string(line.origin),
                ]
                try Output.line(object.text)
            }
            return
        }
        let rows = lines.map { [$0.entry.path, $0.value.printable, $0.origin.printable] }
        try Output.write(Table.text(rows))
    }
}
