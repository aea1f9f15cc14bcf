import AgentServer
import Glibc
import PeerState

/// Prints new messages with their texts.
struct MessageWatch {
    private static let waitSeconds = 50

    let client: NodeClient
    let signals: Int32
    let wanted: WatchedEvents
    let lines: WatchLines

    /// Returns when a signal or the end of the reader ends it.
    ///
    /// - Errors: what the node refuses; `nodeGone`.
    func run() throws(CLIFailure) {
        var cursor =
            if let after = wanted.after { after } else {
                try client.call("inbox", ["include_messages": false])["cursor"]?.string ?? ""
            }
        while true {
            let id = try client.send("wait_for_messages", call(cursor))
            guard let frame = try answer(id) else { return }
            let content = try ToolAnswer.content(of: frame)
            cursor = content["cursor"]?.string ?? cursor
            let messages = ShownMessage.list(content["messages"])
            guard !messages.isEmpty, wanted.types?.contains("MessageReceived") != false else {
                continue
            }
            if wanted.settle != nil {
                try Output.line(lines.settled(messages, cursor: cursor))
            } else {
                for message in messages { try Output.line(lines.line(message, cursor: cursor)) }
            }
        }
    }

    private func call(_ cursor: String) -> JSONObject {
        // One at a time, so that each line has the cursor that stands right behind it.
        var call: JSONObject = [
            "after": .string(cursor), "timeout_s": JSON(Self.waitSeconds),
            "limit": wanted.settle == nil ? 1 : 100, "format": "detailed",
        ]
        if let settle = wanted.settle { call.append("settle_ms", JSON(settle)) }
        if let channels = wanted.channels { call.append("channels", JSON(channels)) }
        return call
    }

    /// - Returns: `nil` when a signal or the end of the reader ends the watch.
    private func answer(_ id: Int64) throws(CLIFailure) -> JSON? {
        while true {
            let ready = Readiness.wait(
                [client.descriptor, signals], closing: [STDOUT_FILENO], milliseconds: 60_000)
            if ready.contains(signals) || ready.contains(STDOUT_FILENO) { return nil }
            guard ready.contains(client.descriptor) else { continue }
            if let frame = try client.arrived()[id] { return frame }
        }
    }
}
