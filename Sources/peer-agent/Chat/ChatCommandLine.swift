/// What a person typed into the chat: a message, or a command that begins with a slash.
package enum ChatCommandLine: Hashable, Sendable {
    case nothing
    case post(String)
    case join(String)
    case direct(String)
    case react(reference: String?, emoji: String)
    case reply(reference: String, text: String)
    case edit(reference: String, text: String)
    case delete(reference: String)
    case why(String)
    case who
    case channels
    case servers
    case more
    case confirm
    case help
    case quit
    /// Not understood; the text says what would be.
    case wrong(String)

    /// Name, what follows it, and what it does.
    package static let table: [(name: String, words: String, summary: String)] = [
        ("join", "CHANNEL", "goes to another channel"),
        ("dm", "PEER", "goes to direct messages with somebody: @name or a peer id"),
        ("reply", "N TEXT", "answers message number N"),
        ("react", "[N] EMOJI", "reacts to message N, or to the newest"),
        ("edit", "N TEXT", "replaces the text of a message of yours"),
        ("delete", "N", "deletes a message"),
        ("why", "N", "explains what became of a message, an event or a peer"),
        ("who", "", "lists the members"),
        ("channels", "", "lists the channels"),
        ("servers", "", "lists the servers"),
        ("more", "", "shows older messages"),
        ("confirm", "", "does what was just held back for your consent"),
        ("help", "", "shows this"),
        ("quit", "", "ends the chat"),
    ]

    /// - Parameter line: two slashes at its beginning stand for one, as text.
    package init(_ line: String) {
        let text = line.drop { $0 == " " }
        guard text.hasPrefix("/"), !text.hasPrefix("//") else {
            let body = text.hasPrefix("//") ? String(text.dropFirst()) : line
            self = body.allSatisfy(\.isWhitespace) ? .nothing : .post(body)
            return
        }
        let parts = text.dropFirst().split(separator: " ", maxSplits: 1)
        let name = parts.first.map(String.init) ?? ""
        let rest = parts.count == 2 ? String(parts[1]).trimmed : ""
        self = Self.command(name, rest) ?? .wrong(Self.advice(name))
    }

    private static func command(_ name: String, _ rest: String) -> ChatCommandLine? {
        switch name {
        case "who": return .who
        case "channels": return .channels
        case "servers": return .servers
        case "more": return .more
        case "confirm": return .confirm
        case "help": return .help
        case "quit", "exit", "q": return .quit
        default: break
        }
        guard !rest.isEmpty else { return nil }
        let words = rest.split(separator: " ", maxSplits: 1).map(String.init)
        let second = words.count == 2 ? words[1].trimmed : nil
        switch (name, second) {
        case ("join", _): return .join(rest)
        case ("dm", nil): return .direct(rest)
        case ("why", nil): return .why(rest)
        case ("delete", nil): return .delete(reference: rest)
        case ("reply", let text?): return .reply(reference: words[0], text: text)
        case ("edit", let text?): return .edit(reference: words[0], text: text)
        case ("react", nil): return .react(reference: nil, emoji: rest)
        case ("react", let emoji?): return .react(reference: words[0], emoji: emoji)
        default: return nil
        }
    }

    private static func advice(_ name: String) -> String {
        guard !name.isEmpty else { return "/help shows the commands" }
        if let known = table.first(where: { $0.name == name }) {
            return "write /\(known.name) \(known.words)"
        }
        let nearest = Spelling.nearest(to: name, among: table.map(\.name))
        return nearest.map { "did you mean /\($0)?" } ?? "/help shows the commands"
    }
}

extension String {
    /// Without spaces around it.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
