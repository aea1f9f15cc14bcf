import PeerNet
import PeerState

/// Runs one part of the node alone, so that other implementations can be held against it.
struct ProbeCommand: Command {
    static let name = "probe"
    static let summary = "Runs one part alone, for tests: probe noise, probe http."
    static let flags: [Flag] = [.role, .port]
    static let isHidden = true
    static let maximumWords = 1

    private enum Part {
        case noise(NoiseProbe.Role, port: UInt16)
        case http
    }

    private let part: Part

    init(_ arguments: Arguments) throws(CLIFailure) {
        switch arguments.words {
        case ["noise"]: part = try Self.noise(arguments)
        case ["http"]: part = .http
        default: throw CLIFailure(.usage, "probe takes one word: noise or http")
        }
    }

    private static func noise(_ arguments: Arguments) throws(CLIFailure) -> Part {
        let roles = NoiseProbe.Role.allCases.map { ($0.rawValue, $0) }
        guard let role = try arguments.choice(.role, roles) else {
            throw CLIFailure(.usage, "--role is missing; it can be initiator or responder")
        }
        guard let port = UInt16(arguments[.port] ?? "0"), port > 0 || role == .responder else {
            throw CLIFailure(.usage, "--port is missing or no port")
        }
        return .noise(role, port: port)
    }

    func run() async throws {
        guard case .noise(let role, let port) = part else { return try HTTPProbe.run() }
        _ = try await NoiseProbe.run(role: role, port: port) { line in
            do {
                try Output.line(line)
            } catch {
                _ = Output.report(error)
            }
        }
    }
}
