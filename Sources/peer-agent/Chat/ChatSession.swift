import AgentServer
import Glibc
import PeerState

/// A conversation at the terminal: what is typed goes to the node, what arrives is shown.
///
/// - Isolation: one thread, which waits in `poll`.
final class ChatSession {
    private static let historyCount = 20
    private static let waitSeconds = 50

    let client: NodeClient
    let screen: ChatScreen
    let style: ChatStyle
    private let signals: Int32
    var numbers = ChatNumbers()
    /// As it is written in calls.
    var channel = ""
    var channelID = ""
    var older: JSON?
    /// What was held back for consent, to be said again with it.
    var heldBack: (tool: String, call: JSONObject)?
    private var ownName = ""
    private var cursor = ""
    private var waiting: Int64?
    var isOver = false

    init(_ client: NodeClient, _ screen: ChatScreen, signals: Int32) {
        self.client = client
        self.screen = screen
        self.signals = signals
        style = ChatStyle(hasColour: screen.hasColour)
    }

    /// Runs until the person leaves, input ends or a signal comes.
    ///
    /// - Parameter channel: `nil` = the first of the current server.
    /// - Errors: `nodeGone`; of the first channel.
    func run(_ channel: String?) throws(CLIFailure) {
        let identity = try client.read("peer://identity")
        ownName = identity["display_name"]?.string ?? "me"
        cursor = try client.call("inbox", ["include_messages": false])["cursor"]?.string ?? ""
        if let channel { try enter(channel) } else { try enter(try firstChannel()) }
        try screen.open()
        defer { screen.close() }
        try screen.show(style.note("/help shows the commands, /quit ends."))
        while !isOver { try turn() }
    }

    private func firstChannel() throws(CLIFailure) -> String {
        let rows = try client.read("peer://server/channels")["channels"]?.array ?? []
        guard let first = rows.first(where: { $0["kind"]?.string == "text" })?["id"]?.string else {
            throw CLIFailure(
                .callFailed, "there is no channel yet; name one, or join a server first")
        }
        return first
    }

    private func turn() throws(CLIFailure) {
        if waiting == nil { try wait() }
        var ready: Set<Int32> = []
        if client.hasArrived { ready = [client.descriptor] }
        if ready.isEmpty {
            ready = Readiness.wait(
                [STDIN_FILENO, client.descriptor, signals], milliseconds: 60_000)
        }
        if ready.contains(signals), !SignalPipe.take(signals).isEmpty { isOver = true }
        if ready.contains(client.descriptor) { try takeArrivals() }
        guard !isOver, ready.contains(STDIN_FILENO) else { return }
        for input in try screen.input() where !isOver { try take(input) }
    }

    private func wait() throws(CLIFailure) {
        waiting = try client.send(
            "wait_for_messages",
            [
                "after": .string(cursor), "timeout_s": JSON(Self.waitSeconds), "limit": 100,
                "format": "detailed",
            ])
    }

    private func takeArrivals() throws(CLIFailure) {
        let arrived = try client.arrived()
        guard let waiting, let frame = arrived[waiting] else { return }
        self.waiting = nil
        let content = try ToolAnswer.content(of: frame)
        if let next = content["cursor"]?.string { cursor = next }
        let messages = ShownMessage.list(content["messages"])
        guard !messages.isEmpty else { return }
        for message in messages where message.json["channel_id"]?.string == channelID {
            try show(message)
        }
        try noteOthers(messages)
        try markRead()
    }

    /// Other channels are only mentioned.
    private func noteOthers(_ messages: [ShownMessage]) throws(CLIFailure) {
        var counts: [(channel: String, count: Int, author: String)] = []
        for message in messages where message.json["channel_id"]?.string != channelID {
            if let place = counts.firstIndex(where: { $0.channel == message.channel }) {
                counts[place].count += 1
            } else {
                counts.append((message.channel, 1, message.author))
            }
        }
        for entry in counts {
            let place = TerminalText.line(entry.channel)
            let name = TerminalText.line(entry.author)
            try screen.show(style.note("#\(place): \(entry.count) new, from @\(name)"))
        }
    }

    func markRead() throws(CLIFailure) {
        _ = try client.call("mark_read", ["channel": .string(channelID)])
    }

    func show(_ message: ShownMessage) throws(CLIFailure) {
        let answered = message.replyTo.map { numbers.number(of: $0) }
        let number = numbers.number(of: message.id)
        try screen.show(style.line(message, number: number, replyNumber: answered))
    }

    /// Shows a message of one's own, which waiting never brings.
    func showOwn(_ id: String) throws(CLIFailure) {
        let found = try client.call("get_message", ["message_id": .string(id)])
        for message in ShownMessage.list(found["messages"]) { try show(message) }
    }

    /// Goes to a channel and shows its newest messages.
    func enter(_ address: String) throws(CLIFailure) {
        let page = try client.call(
            "read_channel",
            [
                "channel": .string(address), "limit": JSON(Self.historyCount),
                "format": "detailed",
            ])
        channel = address
        channelID = page["channel_id"]?.string ?? ""
        older = page["has_more"]?.bool == true ? page["prev_cursor"] : nil
        let name = TerminalText.line(page["channel"]?.string ?? address)
        let topic = page["topic"]?.string.map { $0.isEmpty ? "" : ": \(TerminalText.line($0))" }
        try screen.show(style.note("#\(name)\(topic ?? "")"))
        for message in ShownMessage.list(page["messages"]) { try show(message) }
        try markRead()
        screen.prompt = "\(TerminalText.line(ownName)) #\(name)> "
    }

    private func take(_ input: ChatScreen.Input) throws(CLIFailure) {
        switch input {
        case .interrupt, .end: isOver = true
        case .line(let line):
            do throws(CLIFailure) {
                try perform(ChatCommandLine(line))
            } catch {
                guard error.code != .nodeGone, error.code != .outputFailed else { throw error }
                try screen.show(style.problem(TerminalText.line(error.detail)))
                if heldBack != nil { try screen.show(style.note("/confirm does it all the same")) }
            }
        }
    }
}
