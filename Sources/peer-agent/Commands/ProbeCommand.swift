import PeerNet
import PeerState

/// Runs one part of the node alone, so that other implementations can be held against it.
struct ProbeCommand: Command {
    static let name = "probe"
    static let summary = "Runs one part alone, for tests: probe noise."
    static let flags: [Flag] = [.role, .port]
    static let isHidden = true
    static let maximumWords = 1

    init(_ arguments: Arguments) throws(CLIFailure) {
        throw CLIFailure(.usage, "this build has no probe")
    }

    func run() async throws {}
}
