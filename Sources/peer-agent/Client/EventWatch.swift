import AgentServer
import Glibc
import PeerState

/// Prints every event as the node tells it.
///
/// A reader that stops is not waited for by the node: it gets `Resync` later, from the node itself.
struct EventWatch {
    let client: NodeClient
    let signals: Int32
    let wanted: WatchedEvents
    let lines: WatchLines

    /// Returns when a signal or the end of the reader ends it.
    ///
    /// - Errors: what the node refuses; `nodeGone`.
    func run() throws(CLIFailure) {
        if let channels = wanted.channels {
            // A listener is not told about channels that are not there; people are.
            let look: JSONObject = ["channels": JSON(channels), "timeout_s": 0]
            _ = try client.call("wait_for_messages", look)
        }
        let id = try client.listen(wanted.filter)
        var burst: [JSON] = []
        while true {
            let pause = burst.isEmpty ? nil : wanted.settle
            let ready = Readiness.wait(
                [client.descriptor, signals], closing: [STDOUT_FILENO],
                milliseconds: pause ?? 60_000)
            if ready.contains(signals) || ready.contains(STDOUT_FILENO) { return }
            guard ready.contains(client.descriptor) else {
                if !burst.isEmpty { try Output.line(lines.settled(burst)) }
                burst = []
                continue
            }
            let answer = try client.arrived()[id]
            for event in client.takeEvents() {
                if wanted.settle == nil {
                    try Output.line(lines.line(event))
                } else if event["feed"]?.integer != nil || event["type"] == "Resync" {
                    burst.append(event)
                }
            }
            if burst.count >= Self.burstMax {
                try Output.line(lines.settled(burst))
                burst = []
            }
            guard let answer else { continue }
            _ = try ToolAnswer.result(of: answer)
            throw CLIFailure(.nodeGone, "the node ended the conversation")
        }
    }

    /// A burst that does not end is told in parts.
    private static let burstMax = 1_024
}
