import PeerNode
import PeerState

/// Waiting for messages without polling (MCP 7.2).
enum WaitTool {
    static let waitForMessages = Tool(
        "wait_for_messages", "Wait for messages",
        "Waits for messages newer than after and returns them. "
            + "Pass the cursor of the last result as after.",
        .init(
            scope: .readOnly, toolsets: [.messaging, .reading], hints: [.readOnly, .idempotent]),
        output: [
            .init("messages", .array), .init("cursor"), .init("has_more", .boolean),
            .init("timed_out", .boolean), .init("channel_seqs", .object),
        ],
        .optionalText("after", "Without it, from now on."),
        .channels("channels"),
        .texts("from", "Peer ids or @names.", atMost: 32),
        .flag("mentions_only"),
        .integer("timeout_s", in: 0...Limits.waitSecondsAsTask, default: 25),
        .integer(
            "settle_ms", "Wait for quiet after a match.",
            in: 0...10_000, default: 0),
        .integer("limit", in: 1...100, default: 50),
        .format
    ) { call, after, channels, from, mentionsOnly, timeout, settle, limit, format in
        // Before the turn at which the rest is done: what comes meanwhile is news.
        let feed =
            if let after { try call.cursor(from: after).feed } else {
                await call.port.feedPosition()
            }
        let wait = try await apart(call.turnstile) {
            let filter = WaitFilter(
                principal: call.principal, channels: try await call.channelIDs(channels),
                authors: try await from.asyncMap(call.peers), mentionsOnly: mentionsOnly)
            let now = await call.port.wallMilliseconds()
            let begun = call.exchange?.begunAt ?? now
            call.exchange?.waits(from: call.cursor(feed), since: begun)
            return Wait(
                call: call, feed: feed, filter: filter, askedSeconds: timeout,
                waited: Int((now >= begun ? now - begun : 0) / 1_000),
                settle: Milliseconds(UInt64(settle)), limit: limit, format: format)
        }
        return try await wait.run()
    }
}

extension Optional {
    /// `map` for a transformation that waits; an empty list of peers means all of them.
    fileprivate func asyncMap<Result>(
        _ transform: (Wrapped) async throws -> Result
    ) async throws -> Result? where Wrapped == [String] {
        guard let self, !self.isEmpty else { return nil }
        return try await transform(self)
    }
}
