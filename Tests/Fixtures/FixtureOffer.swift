import AgentServer
import PeerState

/// The fixtures of MCP 12, offered in place of a node's own tools, prompts and resources.
struct FixtureOffer: MCPOffer {
    private static let all: [FixtureTool] =
        ContentTools.all + ContentTools.declarations + NoticeTools.all + AskingTools.all
        + RoundTools.all + TaskTools.all

    /// Names of tools and prompts that came later.
    private let added = Locked((tools: 0, prompts: 0))

    func tools(for revision: MCPRevision) async -> [JSON] {
        let count = added.withLock { $0.tools }
        return (Self.all + (0..<count).map(Self.temporary)).map(\.json)
    }

    private static func temporary(_ number: Int) -> FixtureTool {
        FixtureTool("temporary_tool_\(number)", "Came later.") { _, _ in .text("temporary") }
    }

    func prompts(for revision: MCPRevision) async -> [JSON] {
        let count = added.withLock { $0.prompts }
        return FixturePrompts.all.map(\.json)
            + (0..<count).map { ["name": .string("temporary_prompt_\($0)")] }
    }

    func resources(for revision: MCPRevision) async -> [JSON] { FixtureResources.list }
    func templates(for revision: MCPRevision) async -> [JSON] { FixtureResources.templates }

    func call(
        _ name: String, _ arguments: JSONObject, _ request: OfferRequest
    ) async throws -> OfferReply {
        switch name {
        case "test_trigger_tool_change":
            added.withLock { $0.tools += 1 }
            await request.announce(.toolsChanged)
            return .text("tool list changed")
        case "test_trigger_prompt_change":
            added.withLock { $0.prompts += 1 }
            await request.announce(.promptsChanged)
            return .text("prompt list changed")
        default: break
        }
        guard let tool = Self.all.first(where: { $0.name == name }) else {
            throw MCPError(.invalidParams, "Unknown tool: \(name)")
        }
        return try await tool.handle(arguments, request)
    }

    func prompt(
        _ name: String, _ arguments: JSONObject, _ request: OfferRequest
    ) async throws -> OfferReply {
        guard let prompt = FixturePrompts.all.first(where: { $0.name == name }) else {
            throw MCPError(.invalidParams, "Unknown prompt: \(name)")
        }
        if let missing = prompt.arguments.first(where: { arguments[$0] == nil }) {
            throw MCPError(.invalidParams, "The argument \(missing) is missing.")
        }
        return try prompt.compose(arguments, request)
    }

    func read(_ uri: String, for revision: MCPRevision) async -> JSON? {
        FixtureResources.contents(uri)
    }

    func isWatchable(_ uri: String) async -> Bool { uri == FixtureResources.watched }

    func completions(_ asked: MCPCompletion) async -> [String]? {
        let candidates: [String]
        switch asked.reference {
        case .prompt(let name):
            guard let prompt = FixturePrompts.all.first(where: { $0.name == name }) else {
                return nil
            }
            let isKnown = prompt.arguments.contains(asked.argument)
            candidates = isKnown ? ["paris", "park", "party"] : []
        case .resource(FixtureResources.template):
            candidates = asked.argument == "id" ? ["1", "2", "10"] : []
        case .resource: return nil
        }
        return candidates.filter { $0.hasPrefix(asked.value) }
    }

    func mirrored(in tool: String) -> [(header: String, argument: String)] {
        tool == "test_x_mcp_header" ? [("Region", "region")] : []
    }
}
