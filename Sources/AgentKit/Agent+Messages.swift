extension Agent {
    /// The place in the stream of messages right behind everything that is here now.
    ///
    /// Keep it, or `MessageStream.cursor`, to go on from there after a restart.
    public func currentCursor() async throws -> String {
        let inbox = try await call("inbox", ["include_messages": false])
        guard let cursor = inbox["cursor"]?.string else {
            throw AgentError.badAnswer("inbox has no cursor")
        }
        return cursor
    }

    /// Messages of others as they arrive; never ends by itself.
    ///
    /// Nothing is missed: what arrives while the last messages are handled comes next.
    /// - Parameters:
    ///   - cursor: where to begin; `nil` = now.
    ///   - channels: addresses such as `#general`; `nil` = all.
    ///   - mentionsOnly: only what names this node, or answers it.
    public func messages(
        after cursor: String? = nil, channels: [String]? = nil, mentionsOnly: Bool = false
    ) -> MessageStream {
        MessageStream(
            agent: self, cursor: cursor, channels: channels, mentionsOnly: mentionsOnly)
    }

    /// Posts a message.
    ///
    /// - Parameters:
    ///   - channel: an address such as `#general`, or a channel id.
    ///   - once: your own name for this message; the same again within a week is not posted twice.
    /// - Returns: its id.
    @discardableResult
    public func send(
        _ text: String, to channel: String, once: String? = nil
    ) async throws -> String {
        var call: [String: Value] = ["channel": .string(channel), "body": .string(text)]
        if let once { call["client_msg_id"] = .string(once) }
        return try Self.id(try await self.call("send_message", call))
    }

    /// Answers a message, in its channel.
    ///
    /// - Returns: the id of the answer.
    @discardableResult
    public func reply(
        _ text: String, to message: Message, once: String? = nil
    ) async throws -> String {
        var call: [String: Value] = [
            "channel": .string(message.channelID), "parent_id": .string(message.id),
            "body": .string(text),
        ]
        if let once { call["client_msg_id"] = .string(once) }
        return try Self.id(try await self.call("send_reply", call))
    }

    /// Puts an emoji to a message.
    public func react(_ emoji: String, to message: Message) async throws {
        try await call(
            "react",
            [
                "channel": .string(message.channelID), "message_id": .string(message.id),
                "emoji": .string(emoji),
            ])
    }

    private static func id(_ result: Value) throws -> String {
        guard let id = result["message_id"]?.string else {
            throw AgentError.badAnswer("a posted message has no id")
        }
        return id
    }
}

/// Messages one after another, each exactly once as long as the cursor is kept.
public struct MessageStream: AsyncSequence {
    public typealias Element = Message

    let agent: Agent
    let cursor: String?
    let channels: [String]?
    let mentionsOnly: Bool

    public func makeAsyncIterator() -> Iterator {
        Iterator(stream: self, cursor: cursor)
    }

    public struct Iterator: AsyncIteratorProtocol {
        /// What the node waits for at most before it answers that nothing came.
        private static let waitSeconds: Int64 = 50

        private let stream: MessageStream
        private var ready: ArraySlice<Message> = []
        /// Right behind the messages that were fetched last; `nil` before the first wait.
        public private(set) var cursor: String?

        init(stream: MessageStream, cursor: String?) {
            self.stream = stream
            self.cursor = cursor
        }

        /// The next message; waits for as long as it takes.
        ///
        /// - Throws: `AgentError.disconnected`, `CancellationError`, what the tool refuses.
        public mutating func next() async throws -> Message? {
            while ready.isEmpty {
                var start = cursor
                if start == nil { start = try await stream.agent.currentCursor() }
                var call: [String: Value] = [
                    "after": .string(start ?? ""), "timeout_s": .integer(Self.waitSeconds),
                    "format": "detailed",
                ]
                if let channels = stream.channels {
                    call["channels"] = .array(channels.map { .string($0) })
                }
                if stream.mentionsOnly { call["mentions_only"] = true }
                let found = try await stream.agent.call("wait_for_messages", call)
                cursor = found["cursor"]?.string ?? start
                ready = (found["messages"]?.array ?? []).compactMap { Message($0) }[...]
            }
            return ready.popFirst()
        }
    }
}
