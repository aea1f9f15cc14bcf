/// How the chat looks: with colours or without.
package struct ChatStyle: Sendable {
    private let hasColour: Bool

    package init(hasColour: Bool) {
        self.hasColour = hasColour
    }

    /// One message; everything in it that others wrote is made safe first.
    package func line(_ message: ShownMessage, number: Int, replyNumber: Int?) -> String {
        let name = TerminalText.line(message.author)
        let answer = replyNumber.map { " ↩\($0)" } ?? ""
        let body = TerminalText.body(message.text, indent: "          ")
        let head = "\(faint("\(message.time) \(number)\(answer)")) "
        let author = painted("@\(name)\(message.marks)", Self.colour(of: message.author))
        return head + author + " " + (message.isMention ? strong(body) : body)
    }

    /// Something the program itself says.
    package func note(_ text: String) -> String { faint("· \(text)") }

    package func problem(_ text: String) -> String { painted("! \(text)", 31) }

    package func faint(_ text: String) -> String { painted(text, 2) }
    private func strong(_ text: String) -> String { painted(text, 1) }

    private func painted(_ text: String, _ code: Int) -> String {
        hasColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// The same for the same name, on every machine.
    private static func colour(of name: String) -> Int {
        let colours = [32, 33, 34, 35, 36, 92, 94, 95, 96]
        let sum = name.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }
        return colours[Int(sum % UInt32(colours.count))]
    }
}
