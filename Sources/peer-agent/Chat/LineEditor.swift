/// One line being typed at a terminal: keys in, finished lines out.
///
/// Understands UTF-8, the usual control keys, arrows, and pasted text, whose line breaks become
/// part of the line instead of ending it.
/// - Bound: `textMax` characters in a line, `historyMax` lines kept.
package struct LineEditor: Sendable {
    package enum Action: Hashable, Sendable {
        case submit(String)
        case interrupt
        case end
        case redraw
        case clearScreen
    }

    private static let textMax = 20_000
    private static let historyMax = 200

    package private(set) var text = ""
    /// Characters before the cursor.
    package private(set) var cursor = 0
    private var keys = KeyDecoder()
    private var history: [String] = []
    /// Where in the history the person looks; its end is the line being typed.
    private var place = 0
    private var draft = ""

    package init() {}

    /// - Returns: what is to be done, in order.
    package mutating func handle(_ bytes: some Sequence<UInt8>) -> [Action] {
        var actions: [Action] = []
        for byte in bytes {
            guard let key = keys.take(byte) else { continue }
            let action = handle(key)
            // Many keys at once are drawn once.
            if action == .redraw && actions.last == .redraw { continue }
            actions.append(action)
        }
        return actions
    }

    private mutating func handle(_ key: KeyDecoder.Key) -> Action {
        switch key {
        case .text(let scalar): insert(String(Character(scalar)))
        case .enter: return submit()
        case .interrupt:
            guard !text.isEmpty else { return .interrupt }
            replace(with: "")
        case .endOfInput:
            guard !text.isEmpty else { return .end }
            remove(from: cursor, to: cursor + 1)
        case .clearScreen: return .clearScreen
        case .backspace: remove(from: cursor - 1, to: cursor)
        case .delete: remove(from: cursor, to: cursor + 1)
        case .eraseToStart: remove(from: 0, to: cursor)
        case .eraseToEnd: remove(from: cursor, to: text.count)
        case .eraseWord: remove(from: wordStart, to: cursor)
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(text.count, cursor + 1)
        case .home: cursor = 0
        case .lineEnd: cursor = text.count
        case .up: look(at: place - 1)
        case .down: look(at: place + 1)
        }
        return .redraw
    }

    private mutating func insert(_ new: String) {
        guard text.count < Self.textMax else { return }
        let before = String(text.prefix(cursor)) + new
        text = before + text.dropFirst(cursor)
        // A mark joins the character before it.
        cursor = before.count
    }

    private mutating func remove(from start: Int, to end: Int) {
        let start = max(0, start)
        guard start < end, start < text.count else { return }
        text = String(text.prefix(start)) + text.dropFirst(end)
        cursor = start
    }

    private var wordStart: Int {
        var before = text.prefix(cursor)
        while before.last == " " { before.removeLast() }
        while let last = before.last, last != " " { before.removeLast() }
        return before.count
    }

    private mutating func replace(with new: String) {
        text = new
        cursor = new.count
    }

    private mutating func submit() -> Action {
        let line = text
        if !line.isEmpty && history.last != line { history.append(line) }
        if history.count > Self.historyMax { history.removeFirst() }
        place = history.count
        draft = ""
        replace(with: "")
        return .submit(line)
    }

    private mutating func look(at new: Int) {
        guard (0...history.count).contains(new) else { return }
        if place == history.count { draft = text }
        place = new
        replace(with: new == history.count ? draft : history[new])
    }
}

extension LineEditor {
    /// What the terminal shows of the line, so that the cursor is always in sight.
    ///
    /// - Parameters:
    ///   - prompt: printable text before it.
    ///   - columns: of the terminal.
    /// - Returns: the visible text with the prompt, and the column of the cursor.
    package func view(prompt: String, columns: Int) -> (line: String, cursor: Int) {
        let room = max(4, columns - TerminalText.columns(prompt) - 1)
        let characters = text.map { Self.shown($0) }
        var start = cursor
        var used = 0
        while start > 0, used + TerminalText.columns(characters[start - 1]) <= room {
            start -= 1
            used += TerminalText.columns(characters[start])
        }
        var end = cursor
        var width = used
        while end < characters.count, width + TerminalText.columns(characters[end]) <= room {
            width += TerminalText.columns(characters[end])
            end += 1
        }
        let line = prompt + characters[start..<end].joined()
        return (line, TerminalText.columns(prompt) + used)
    }

    private static func shown(_ character: Character) -> String {
        character == "\n" ? "⏎" : TerminalText.line(String(character))
    }
}
