import PeerNode
import PeerState

/// Writes the one-line notices that some clients show to their model unasked.
///
/// - Source: MCP 6.6. - Bounds: one per `Limits.pushPause`, `Limits.pushesPerHour` an hour.
struct PushEnvelope: Sendable {
    static let capability = "claude/channel"
    static let method = "notifications/claude/channel"

    let call: ToolCall
    let send: Listener.Send

    /// Runs until the node stops or the task is cancelled.
    func run() async {
        let changes = await call.port.changes()
        var position = await call.port.feedPosition()
        var sent: [UInt64] = []
        for await _ in changes {
            let now = await call.port.feedPosition()
            guard now > position else { continue }
            let told = await messages(after: position)
            position = now
            let time = await call.port.wallMilliseconds()
            sent.removeAll { $0 + 3_600_000 <= time }
            guard !told.isEmpty, sent.count < Limits.pushesPerHour else { continue }
            sent.append(time)
            for envelope in await envelopes(told, position) { send(Self.method, envelope) }
            do {
                try await call.port.sleep(Limits.pushPause)
            } catch {
                return
            }
        }
    }

    /// Direct messages and mentions by those who may interrupt.
    private func messages(after position: UInt64) async -> [MessageSnapshot] {
        let directs = Set(await call.port.servers().filter(\.isDirect).map(\.id))
        let filter = WaitFilter(principal: call.principal)
        let news = await call.port.news(after: position, filter: filter, limit: Limits.pushedNews)
        return news.filter { message in
            let isTrusted =
                message.trust == "verified" || call.access.pushFrom.contains(message.author.hex)
            return isTrusted && (message.isMention || directs.contains(message.server))
        }
    }

    /// One for the newest channel; it says how many there are in all.
    private func envelopes(
        _ messages: [MessageSnapshot], _ position: UInt64
    ) async -> [JSONObject] {
        guard let last = messages.last else { return [] }
        let here = messages.filter { $0.channel == last.channel }
        var name = last.channel.short
        do {
            let channels = try await call.port.namedChannels(in: last.server)
            let found = channels.first { $0.id == last.channel }
            name = found.map { Sanitiser.channel($0.name) } ?? name
        } catch {
            return []  // Left in between.
        }
        let mentions = here.contains(where: \.isMention)
        let count = here.count == 1 ? "1 new message" : "\(here.count) new messages"
        let content =
            "\(count) in #\(Sanitiser.name(name)) from @\(Sanitiser.name(last.authorName))"
            + (mentions ? " (mention)" : "") + ". Use inbox."
        return [
            [
                "content": .string(content),
                "meta": [
                    "server_id": .string(last.server.hex), "channel": .string(name),
                    "cursor": .string(call.cursor(position)),
                    "count": .string("\(messages.count)"),
                    "mention": .string(mentions ? "true" : "false"),
                ],
            ]
        ]
    }
}

extension Limits {
    static let pushPause = Milliseconds.seconds(2)
    static let pushesPerHour = 30
    /// Messages that one notice counts at most.
    static let pushedNews = 100
}
