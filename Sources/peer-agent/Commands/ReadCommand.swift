import AgentServer
import PeerState

/// Shows messages of a channel.
struct ReadCommand: Command {
    static let name = "read"
    static let summary = "Shows the newest messages of a channel, or those a flag asks for."
    static let synopsis = "CHANNEL"
    static let flags: [Flag] = [
        .dataDirectory, .config, .count, .after, .before, .since, .json,
    ]
    static let maximumWords = 1

    private static let pageMax: UInt64 = 100

    private let access: NodeAccess
    private let channel: String
    private let limit: UInt64
    private let anchor: JSONObject
    private let isForward: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        let path = try arguments.dataDirectoryPath()
        guard let channel = arguments.words.first else {
            throw CLIFailure(.usage, "read needs a channel: peer-agent read '#general'")
        }
        guard arguments[.after] == nil || arguments[.before] == nil else {
            throw CLIFailure(.usage, "give one of --after and --before")
        }
        access = try NodeAccess(try arguments.withConfiguration(path), path: path)
        self.channel = channel
        limit = try arguments.seconds(.count, in: 1...100_000) ?? 50
        isForward = arguments[.after] != nil
        isJSON = arguments.contains(.json)
        var anchor = JSONObject()
        for (flag, name) in [(Flag.after, "after"), (.before, "before"), (.since, "since")] {
            if let text = arguments[flag] { anchor.append(name, .string(text)) }
        }
        self.anchor = anchor
    }

    func run() async throws {
        try await access.run { client in
            let (messages, cursor) = try pages(client)
            for message in messages {
                try Output.line(isJSON ? message.json.text : message.line())
            }
            if isJSON, let cursor { Log.standardError("peer-agent: cursor \(cursor)") }
        }
    }

    /// The messages in the order people read them, and where to go on.
    private func pages(
        _ client: NodeClient
    ) throws(CLIFailure) -> (messages: [ShownMessage], cursor: String?) {
        var found: [ShownMessage] = []
        var cursor: String?
        var anchor = self.anchor
        while UInt64(found.count) < limit {
            var call = anchor
            call["channel"] = .string(channel)
            call["limit"] = JSON(min(Self.pageMax, limit - UInt64(found.count)))
            if isJSON { call["format"] = "detailed" }
            let page = try client.call("read_channel", call)
            let messages = ShownMessage.list(page["messages"])
            found = isForward ? found + messages : messages + found
            cursor = isForward || cursor == nil ? page["cursor"]?.string : cursor
            let next = isForward ? page["cursor"] : page["prev_cursor"]
            guard page["has_more"]?.bool == true, !messages.isEmpty, let next else { break }
            anchor[isForward ? "after" : "before"] = next
        }
        return (found, cursor)
    }
}
