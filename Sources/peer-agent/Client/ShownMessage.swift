package import AgentServer

/// A message as the node describes it, for showing to a person.
package struct ShownMessage: Sendable {
    package let id: String
    package let at: String
    package let channel: String
    package let author: String
    /// What says that there is none, where its key is not here.
    package let text: String
    package let trust: String
    package let replyTo: String?
    package let isAgent: Bool
    package let isMention: Bool
    package let json: JSON

    /// Returns `nil` for what is no message object (MCP 8.2).
    package init?(_ json: JSON) {
        guard let id = json["id"]?.string, let text = json["text"]?.string else { return nil }
        self.id = id
        self.text = json["unreadable"] == MessageEncoder.noKey ? MessageEncoder.placeholder : text
        self.json = json
        at = json["at"]?.string ?? ""
        channel = json["channel"]?.string ?? ""
        author = json["from"]?.string ?? ""
        trust = json["trust"]?.string ?? ""
        replyTo = json["reply_to"]?.string
        isAgent = json["agent"]?.bool ?? false
        isMention = json["mention"]?.bool ?? false
    }

    package static func list(_ json: JSON?) -> [ShownMessage] {
        (json?.array ?? []).compactMap { ShownMessage($0) }
    }

    /// Enough of the id to name the message in a command.
    package var shortID: String { String(id.prefix(16)) }

    /// `2026-01-31 12:34 #channel @name [id]: text`, with nothing a terminal would act on.
    package func line(showsChannel: Bool = false) -> String {
        let place = showsChannel ? "#\(TerminalText.line(channel)) " : ""
        let answer = replyTo.map { " re \($0.prefix(16))" } ?? ""
        let head =
            "\(minute) \(place)@\(TerminalText.line(author))\(marks) [\(shortID)\(answer)]"
        return head + " " + TerminalText.body(text, indent: "    ")
    }

    /// An agent; somebody new, or who has left.
    package var marks: String {
        (isAgent ? "⚙" : "") + (trust == "new" || trust == "former" ? "?" : "")
    }

    /// `2026-01-31 12:34`
    private var minute: String { "\(at.prefix(10)) \(time)" }

    /// `12:34`
    package var time: String { String(at.dropFirst(11).prefix(5)) }
}
