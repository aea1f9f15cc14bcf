import PeerNode
import PeerState

/// Finds values for one argument among what the principal may read.
///
/// - Source: MCP 5, second table.
struct Completer: Sendable {
    let call: ToolCall
    let asked: MCPCompletion

    /// Returns nothing for arguments that have no candidates.
    ///
    /// - Errors: `NodeFailure`, `ToolRefusal` where the context names what is not there.
    func values() async throws -> [String] {
        switch asked.argument {
        case "channel", "channels", "name": try await channels()
        case "peer_id", "to": try await people()
        case "message_id", "id": try await messages()
        case "server": await servers()
        case "tone": fixed(["neutral", "friendly", "formal", "brief"])
        case "length": fixed(["short", "medium", "long"])
        default: []
        }
    }

    private func fixed(_ words: [String]) -> [String] {
        CompletionValues.matching(asked.value, words) { [$0] }
    }

    private func channels() async throws -> [String] {
        // A list of channels is completed at its end.
        let parts = asked.value.split(separator: ",", omittingEmptySubsequences: false)
        let isList = asked.argument == "channels" && parts.count > 1
        let head = isList ? parts.dropLast().joined(separator: ",") + "," : ""
        let typed = String((isList ? parts.last : asked.value[...]) ?? "").drop { $0 == " " }
        var (isTemplate, isVoice) = (false, false)
        if case .resource(let template) = asked.reference {
            (isTemplate, isVoice) = (true, template.hasPrefix("peer://voice/"))
        }
        let bare = String(typed.drop { $0 == "#" })
        let listed = try await ResourceCatalog.channels(call, isVoice: isVoice)
        let found = CompletionValues.matching(bare, listed) { [$0.channel.name] }
        return found.map { entry in
            let name = Sanitiser.channel(entry.channel.name)
            guard entry.uri.holds("?server=") else {
                return head + (isTemplate ? name : "#" + name)
            }
            return head + "\(entry.channel.server.short)/#\(name)"
        }
    }

    private func people() async throws -> [String] {
        let members = try await call.port.members(in: try await call.currentServer().id)
        let typed = String(asked.value.drop { $0 == "@" })
        return CompletionValues.matching(typed, members) { [$0.displayName, $0.id.hex] }
            .map(\.id.hex)
    }

    private func messages() async throws -> [String] {
        guard let name = asked.context["channel"] ?? asked.context["name"] else { return [] }
        let channel = try await call.channel(ChannelAddress(text: name, field: "channel"))
        let page = try await call.port.page(
            PageRequest(
                server: channel.server, channel: channel.id, anchor: .newest,
                limit: Limits.completionValues))
        let typed = asked.value.hasPrefix("m:") ? String(asked.value.dropFirst(2)) : asked.value
        return page.messages.reversed().map(\.id.hex).filter {
            typed.isEmpty || $0.hasPrefix(typed)
        }
    }

    private func servers() async -> [String] {
        let servers = await call.port.servers().filter { !$0.isDirect }
        return CompletionValues.matching(asked.value, servers) { [$0.name, $0.id.hex] }
            .map(\.id.hex)
    }
}

extension MCPDispatcher {
    /// - Errors: `invalidParams` for a reference that does not exist for this principal.
    func completion(
        _ asked: MCPCompletion, _ call: ToolCall, _ revision: MCPRevision
    ) async throws -> JSON {
        guard hasReference(asked.reference, call.access) else {
            throw MCPError(.invalidParams, "Unknown reference")
        }
        let now = await port.wallMilliseconds()
        let isLimited =
            limiter.take(.completion, principal: call.principal, now: now) != nil
        var values: [String] = []
        if !isLimited && takes(asked) {
            do {
                values = try await Completer(call: call, asked: asked).values()
            } catch is ToolRefusal {
                // What the context names is not there, so nothing completes it.
            } catch let failure as NodeFailure where failure.code != .internalError {
                // Left or deleted in between.
            }
        }
        return complete(["completion": CompletionValues(values).json], revision)
    }

    private func hasReference(_ reference: MCPCompletion.Reference, _ access: Access) -> Bool {
        switch reference {
        case .prompt(let name): PromptCatalog.named(name).map(access.admits) ?? false
        case .resource(let template): ResourceCatalog.templateURIs.contains(template)
        }
    }

    /// Whether the prompt or template has such an argument.
    private func takes(_ asked: MCPCompletion) -> Bool {
        switch asked.reference {
        case .prompt(let name):
            PromptCatalog.named(name)?.arguments.contains { $0.name == asked.argument } ?? false
        case .resource(let template):
            template.holds("{\(asked.argument)}")
                || template.split(whereSeparator: { "{?,}".contains($0) })
                    .contains(asked.argument[...])
        }
    }
}
