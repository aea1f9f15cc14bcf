import PeerNode
import PeerState

/// What a prompt is made from: its arguments, and pages of the node within their budget.
struct PromptDesk: Sendable {
    let call: ToolCall
    private let arguments: [String: String]

    init(_ call: ToolCall, _ arguments: [String: String]) {
        self.call = call
        self.arguments = arguments
    }

    /// An argument for the text of a prompt: one line, without surprises.
    subscript(_ name: String) -> String? {
        arguments[name].map { Sanitiser.name($0, Limits.promptArgument) }
    }

    /// An argument as it was written, for tools.
    func raw(_ name: String) -> String? { arguments[name] }

    /// What a reading tool shows, which is fenced already.
    ///
    /// - Errors: `ToolRefusal`, `NodeFailure`.
    func page(_ tool: String, _ arguments: JSONObject, uri: String) async throws -> Prompt.Part {
        guard let tool = MCPToolCatalog.named(tool) else {
            throw ToolRefusal(.unavailable, "There is no tool \(tool).")
        }
        if !call.access.admits(tool) { try needResource(uri) }
        let result = try await tool.prepared(arguments)(call)
        return .page(uri: uri, text: result.text ?? JSON.object(result.structured).text)
    }

    /// A prompt shows nothing that its principal could not read otherwise.
    private func needResource(_ uri: String) throws {
        let address = ResourceTarget(uri)?.canonical ?? uri
        guard ResourceScope(call.access).admits(address) else {
            throw ToolRefusal(
                .permissionDenied, "This token may not read \(address).",
                facts: ["needed": [.string(address)]])
        }
    }

    /// What was said since then wherever something is unread.
    ///
    /// - Errors: `ToolRefusal`, `NodeFailure`.
    func inbox(since start: TimeArgument) async throws -> Prompt.Part {
        if !call.access.admits(ReadingTools.inbox) { try needResource("peer://inbox") }
        var inbox = InboxPage(
            call: call, channels: nil, mentionsOnly: false,
            messagesPerChannel: Limits.promptMessagesPerChannel,
            maxChannels: Limits.promptChannels, offset: 0, format: .concise)
        inbox.since = start.before(await call.port.wallMilliseconds())
        let result = try await inbox.result()
        return .page(
            uri: "peer://inbox", text: result.text ?? JSON.object(result.structured).text)
    }

    /// Lines about people and places, enclosed because names are written by others.
    func lines(_ lines: [String], uri: String) async throws -> Prompt.Part {
        try needResource(uri)
        var kept: [String] = []
        var bytes = 0
        for line in lines {
            bytes += line.utf8.count + 1
            guard bytes <= Limits.promptBytes else {
                kept.append("… \(lines.count - kept.count) more")
                break
            }
            kept.append(line)
        }
        let text = await Fence.enclose(kept.joined(separator: "\n"), port: call.port)
        return .page(uri: uri, text: text)
    }

    /// The address under which lists show a channel.
    func uri(of channel: ChannelSnapshot) async throws -> String {
        let listed = try await ResourceCatalog.channels(call)
        let query = ResourceTarget.query(channel.server.hex)
        return listed.first { $0.channel.id == channel.id }?.uri
            ?? "peer://channel/\(channel.id.hex)/messages\(query)"
    }

    /// The page of a channel, as `read_channel` shows it.
    func channelPage(_ name: String, _ arguments: JSONObject) async throws -> Prompt.Part {
        let channel = try await call.channel(ChannelAddress(text: name, field: "channel"))
        var arguments = arguments
        arguments["channel"] = .string(name)
        return try await page("read_channel", arguments, uri: try await uri(of: channel))
    }
}

extension Limits {
    /// Bytes of embedded text in one prompt.
    static let promptBytes = 18_000
    static let promptArgument = 500
    static let promptChannels = 20
    static let promptMessagesPerChannel = 20
    static let completionValues = 100
}
