import Glibc
import PeerState

/// Where the chat is shown and typed: a terminal with a line of its own, or plain streams.
///
/// Letting go gives the terminal back as it was.
/// - Isolation: one thread.
final class ChatScreen {
    enum Input {
        case line(String)
        case interrupt
        case end
    }

    private let isTerminal: Bool
    let hasColour: Bool
    private var saved = termios()
    private var editor = LineEditor()
    private var reader = LineReader(STDIN_FILENO)
    private var hasPrompt = false
    var prompt = "> " {
        didSet { draw() }
    }

    /// - Parameter isPlain: never moves the cursor, whatever the streams are.
    init(isPlain: Bool) {
        let name = Invocation.environment("TERM") ?? ""
        isTerminal =
            !isPlain && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
            && name != "dumb" && !name.isEmpty
        hasColour = isTerminal && Invocation.environment("NO_COLOR") == nil
    }

    /// Takes the terminal over; pasted text is told from typed text.
    func open() throws(CLIFailure) {
        guard isTerminal, tcgetattr(STDIN_FILENO, &saved) == 0 else { return }
        var raw = saved
        raw.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0 else {
            throw CLIFailure(
                .outputFailed, "cannot use the terminal: \(systemText(errno)); try --plain")
        }
        hasPrompt = true
        try Output.write("\u{1b}[?2004h")
        draw()
    }

    func close() {
        guard hasPrompt else { return }
        hasPrompt = false
        put("\r\u{1b}[K\u{1b}[?2004l")
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
    }

    /// Shows a whole line, or several, above the prompt.
    ///
    /// - Parameter text: safe for a terminal.
    func show(_ text: String) throws(CLIFailure) {
        guard hasPrompt else { return try Output.line(text) }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        try Output.write("\r\u{1b}[K" + lines.joined(separator: "\r\n") + "\r\n")
        draw()
    }

    /// What was typed, after standard input has become readable.
    func input() throws(CLIFailure) -> [Input] {
        guard hasPrompt else { return try plainInput() }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return [] }
        guard count > 0 else { return [.end] }
        var inputs: [Input] = []
        for action in editor.handle(bytes[..<count]) {
            switch action {
            case .submit(let line): inputs.append(.line(line))
            case .interrupt: inputs.append(.interrupt)
            case .end: inputs.append(.end)
            case .clearScreen: put("\u{1b}[2J\u{1b}[H")
            case .redraw: break
            }
        }
        draw()
        return inputs
    }

    private func plainInput() throws(CLIFailure) -> [Input] {
        try reader.fill()
        var inputs: [Input] = []
        while let line = reader.line() { inputs.append(.line(Self.text(line))) }
        guard reader.isAtEnd else { return inputs }
        let rest = Self.text(reader.rest())
        return inputs + (rest.isEmpty ? [] : [.line(rest)]) + [.end]
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\r") ? String(text.dropLast()) : text
    }

    private func draw() {
        guard hasPrompt else { return }
        let (line, cursor) = editor.view(prompt: prompt, columns: columns)
        put("\r\u{1b}[K\(line)\r" + (cursor > 0 ? "\u{1b}[\(cursor)C" : ""))
    }

    private var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    /// For what is lost without harm when the terminal is gone; reading tells.
    private func put(_ text: String) {
        do throws(CLIFailure) {
            try Output.write(text)
        } catch {
            hasPrompt = false
        }
    }
}
