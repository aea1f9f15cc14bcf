import Glibc
import PeerState

/// Tells the demo on standard output, in colour where a terminal shows it.
struct Narrator {
    private let isColoured: Bool
    private var step = 0

    /// - Source: MCP 16.4 for when there is colour.
    init(isPlain: Bool) {
        isColoured =
            !isPlain && isatty(STDOUT_FILENO) == 1 && Invocation.environment("NO_COLOR") == nil
    }

    mutating func begin(_ text: String) throws(CLIFailure) {
        step += 1
        try Output.line("\n\(paint("1", "\(step). \(text)"))")
    }

    func say(_ text: String) throws(CLIFailure) {
        try Output.line("   \(text)")
    }

    func quote(_ name: String, _ text: String) throws(CLIFailure) {
        try Output.line("   \(paint("36", name)) \(text.printable)")
    }

    func good(_ text: String) throws(CLIFailure) {
        try Output.line("   \(paint("32", "✓")) \(text)")
    }

    private func paint(_ code: String, _ text: String) -> String {
        isColoured ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
