import PeerNet
import PeerState

/// Runs one part of the node alone, so that other implementations can be held against it.
struct ProbeCommand: Command {
    static let name = "probe"
    static let summary = "Runs one part alone, for tests: probe noise."
    static let flags: [Flag] = [.role, .port]
    static let isHidden = true
    static let maximumWords = 1

    private let role: NoiseProbe.Role
    private let port: UInt16

    init(_ arguments: Arguments) throws(CLIFailure) {
        guard arguments.words == ["noise"] else {
            throw CLIFailure(.usage, "probe takes one word: noise")
        }
        let roles = NoiseProbe.Role.allCases.map { ($0.rawValue, $0) }
        guard let role = try arguments.choice(.role, roles) else {
            throw CLIFailure(.usage, "--role is missing; it can be initiator or responder")
        }
        guard let port = UInt16(arguments[.port] ?? "0"), port > 0 || role == .responder else {
            throw CLIFailure(.usage, "--port is missing or no port")
        }
        self.role = role
        self.port = port
    }

    func run() async throws {
        _ = try await NoiseProbe.run(role: role, port: port) { line in
            do {
                try Output.line(line)
            } catch {
                _ = Output.report(error)
            }
        }
    }
}
