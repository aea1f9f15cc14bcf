import Testing

/// What the node can do, agents can ask for: each act and each view is used by a tool or resource.
@Suite struct ParityTests {
    private static func code(below folder: String) -> [(path: String, lines: [Substring])] {
        SourceTree.sources.filter { $0.path.hasPrefix(folder) }.map { ($0.path, $0.code) }
    }

    /// Names of the cases of the enums that say what may be done.
    private static let acts: [(act: String, name: String)] = {
        let enums = [
            "Action", "ChannelAct", "ServerAct", "RightsChange", "VoteAct", "LinkAct",
            "ContentAct", "LiveAct",
        ]
        return enums.flatMap { act in
            code(below: "Sources/PeerNode/").filter { $0.path.hasSuffix("/\(act).swift") }
                .flatMap { declared(act, in: $0.lines) }.map { (act: act, name: $0) }
        }
    }()

    /// Cases of one enum of a file: those indented by four, until its brace closes.
    private static func declared(_ act: String, in lines: [Substring]) -> [String] {
        let start = lines.firstIndex { $0.hasPrefix("package enum \(act)") }
        guard let start else { return [] }
        let body = lines[(start + 1)...].prefix { !$0.hasPrefix("}") }
        return body.filter { $0.hasPrefix("    case ") }.flatMap { line in
            line.dropFirst("    case ".count).split(separator: ",")
                .compactMap { word in
                    let name = word.drop { $0 == " " }.prefix { $0.isLetter }
                    return word.contains(":") && !word.contains("(") ? nil : String(name)
                }
        }.filter { $0.first?.isLowercase == true }
    }

    @Test func `S-259 everything that may be done has a tool`() {
        #expect(Self.acts.count > 40, "\(Self.acts.count) acts were found")
        let agents = Self.code(below: "Sources/AgentServer/").flatMap(\.lines)
        let unused = Self.acts.filter { act in
            !agents.contains {
                $0.contains(".\(act.name)(") || $0.contains(".\(act.name))")
                    || $0.contains(".\(act.name),") || $0.hasSuffix(".\(act.name)")
                    || $0.contains(".\(act.name) ")
            }
        }
        #expect(unused.map { "\($0.act).\($0.name)" } == [], "no tool does these")
    }

    @Test func `S-259 everything that may be seen is shown, and each tool is in the catalog`() {
        let ports = Self.code(below: "Sources/PeerNode/").filter { $0.path.hasSuffix("Port.swift") }
            .filter { $0.lines.contains { $0.hasPrefix("package protocol ") } }
        let views = ports.flatMap(\.lines).compactMap { line -> String? in
            guard line.hasPrefix("    func ") else { return nil }
            return String(line.dropFirst("    func ".count).prefix { $0.isLetter })
        }
        #expect(views.count > 30, "\(views.count) views were found")
        // The port of a token asks on behalf of others; asking there alone would show nobody.
        let agents = Self.code(below: "Sources/AgentServer/")
            .filter { !$0.path.contains("/Tokens/ScopedPort") }.flatMap(\.lines)
        let unseen = Set(views).filter { view in !agents.contains { $0.contains(".\(view)(") } }
        #expect(unseen.sorted() == [], "asked for by no tool, resource or stream")

        let tools = Self.code(below: "Sources/AgentServer/Tools/")
        let declared = tools.flatMap(\.lines).compactMap { line -> String? in
            guard line.hasPrefix("    static let "), line.hasSuffix("= Tool(") else { return nil }
            return String(line.dropFirst("    static let ".count).prefix { $0.isLetter })
        }
        let catalog = tools.filter { $0.path.hasSuffix("MCPToolCatalog.swift") }.flatMap(\.lines)
        #expect(declared.count > 60, "\(declared.count) tools were found")
        let missing = declared.filter { tool in
            !catalog.contains { $0.contains(".\(tool),") || $0.hasSuffix(".\(tool)") }
        }
        #expect(missing == [], "declared and not in the catalog")
    }
}
