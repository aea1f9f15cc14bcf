package import AgentServer
import PeerState

/// What was looked at, what was found, and what to do about it.
package struct DoctorReport: Sendable {
    package enum Verdict: String, Sendable {
        case fine
        /// Works, but should be put right.
        case warning
        case problem
        /// Could not be looked at.
        case skipped
    }

    package struct Line: Sendable {
        package let subject: String
        package let verdict: Verdict
        package let finding: String
        /// The command or act that helps; empty where nothing needs to be done.
        package let fix: String
    }

    package private(set) var lines: [Line] = []
    /// What the program ends with: the first problem.
    package private(set) var failure: (any Error)?

    package init() {}

    package mutating func fine(_ subject: String, _ finding: String) {
        lines.append(Line(subject: subject, verdict: .fine, finding: finding, fix: ""))
    }

    package mutating func warn(_ subject: String, _ finding: String, fix: String) {
        lines.append(Line(subject: subject, verdict: .warning, finding: finding, fix: fix))
    }

    /// For what could not be looked at; the error says why.
    package mutating func skip(_ subject: String, _ error: any Error, fix: String) {
        add(subject, .skipped, error, fix)
    }

    /// - Parameter error: with a code, which the exit code follows from.
    package mutating func fail(_ subject: String, _ error: any Error, fix: String) {
        add(subject, .problem, error, fix)
    }

    private mutating func add(
        _ subject: String, _ verdict: Verdict, _ error: any Error, _ fix: String
    ) {
        let detail = (error as? any CodedError).map { "\($0.detail) (\($0.word))" } ?? "\(error)"
        lines.append(Line(subject: subject, verdict: verdict, finding: detail, fix: fix))
        if failure == nil { failure = error }
    }

    package var json: [JSON] {
        lines.map { line in
            [
                "subject": .string(line.subject), "verdict": .string(line.verdict.rawValue),
                "finding": .string(line.finding), "fix": .string(line.fix),
            ]
        }
    }

    package var text: String {
        let width = lines.map(\.subject.count).max() ?? 0
        return lines.map { line in
            let mark =
                switch line.verdict {
                case .fine: "ok  "
                case .warning: "warn"
                case .problem: "BAD "
                case .skipped: "skip"
                }
            let pad = String(repeating: " ", count: width - line.subject.count)
            let fix = line.fix.isEmpty ? "" : "\n" + String(repeating: " ", count: width + 8)
            return "\(mark)  \(line.subject)\(pad)  \(TerminalText.line(line.finding))"
                + (line.fix.isEmpty ? "" : fix + "→ " + TerminalText.line(line.fix)) + "\n"
        }.joined()
    }
}
