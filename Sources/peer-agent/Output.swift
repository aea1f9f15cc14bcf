import Glibc
import PeerState

/// Writes results to standard output and errors to standard error.
enum Output {
    /// Characters of a detail that are shown.
    private static let detailMax = 1_000

    /// - Errors: `outputFailed`, such as a pipe that nobody reads any more.
    static func write(_ text: String) throws(CLIFailure) {
        try write(Array(text.utf8), to: STDOUT_FILENO)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(CLIFailure) {
        var sent = 0
        while sent < bytes.count {
            let part = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent)
            }
            if part < 0 && errno == EINTR { continue }
            guard part >= 0 else {
                throw CLIFailure(.outputFailed, "cannot write the result: \(systemText(errno))")
            }
            sent += part
        }
    }

    static func line(_ text: String) throws(CLIFailure) {
        try write(text + "\n")
    }

    /// Says on standard error what happened, why, and what to do, and returns how to end.
    static func report(_ error: any Error) -> ExitCode {
        let code = ExitCode(error)
        var text = code.sentence
        var word = "internalError"
        if let coded = error as? any CodedError {
            word = coded.word
            // Details repeat paths and arguments, which may hold anything.
            let detail = coded.detail.printable.prefix(detailMax)
            if !detail.isEmpty { text += ": \(detail)" }
        }
        if !".!?".contains(where: { text.hasSuffix(String($0)) }) { text += "." }
        // What speaks of this machine's own node has no address that could be another.
        let isOwnNode = (error as? CLIFailure)?.code == .nodeUnreachable
        if let advice = code.advice, !isOwnNode { text += " \(advice)" }
        Log.standardError("peer-agent: \(text) (\(word))")
        return code
    }
}

/// The system's words for an error number.
func systemText(_ number: Int32) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}
