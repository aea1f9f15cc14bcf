import PeerNode
import PeerState

/// Every prompt, in the order in which lists show them (MCP 5).
enum PromptCatalog {
    static let prompts: [Prompt] = [
        MessagePrompts.catchMeUp, MessagePrompts.replyDraft, WorkPrompts.standingWatch,
        MessagePrompts.handover, MessagePrompts.triageInbox, WorkPrompts.onboardMember,
        WorkPrompts.reviewPermissions, MessagePrompts.summarizeChannel,
    ]

    static func prompts(for access: Access) -> [Prompt] { prompts.filter { access.admits($0) } }

    static func named(_ name: String) -> Prompt? { prompts.first { $0.name == name } }
}

extension Access {
    func admits(_ prompt: Prompt) -> Bool { prompt.scope <= scope }
}

extension MCPDispatcher {
    /// - Errors: `invalidParams` for an unknown prompt, a missing argument and what the arguments
    ///   name in vain; `scopeDenied`.
    func prompt(
        _ name: String, _ arguments: JSONObject, _ call: ToolCall, _ revision: MCPRevision
    ) async throws -> JSON {
        guard let prompt = PromptCatalog.named(name) else {
            throw MCPError(.invalidParams, "Unknown prompt: \(Sanitiser.name(name))")
        }
        guard call.access.admits(prompt) else {
            throw MCPError(
                .scopeDenied, "This prompt is beyond the scope of the token.",
                data: ["needed": JSON([prompt.scope.rawValue])])
        }
        var given: [String: String] = [:]
        for member in arguments.members { given[member.key] = member.value.string }
        let missing = prompt.arguments.first { $0.isRequired && given[$0.name] == nil }
        if let missing {
            throw MCPError(.invalidParams, "The argument \(missing.name) is missing.")
        }
        do {
            let parts = try await prompt.compose(PromptDesk(call, given))
            return complete(
                [
                    "description": .string(prompt.summary),
                    "messages": .array(parts.map(\.message)),
                ], revision)
        } catch let refusal as ToolRefusal {
            throw MCPError(.invalidParams, refusal.failure.detail)
        } catch let failure as NodeFailure where failure.code != .internalError {
            throw MCPError(
                .invalidParams, ToolRefusal(failure, permission: nil).failure.detail)
        }
    }
}
