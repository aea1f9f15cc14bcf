import AgentServer
import PeerNode
import PeerState

/// Runs the node, and speaks MCP with the program that started it.
struct RunCommand: Command {
    static let name = "run"
    static let summary = "Runs the node and serves MCP on standard input and output (default)."
    static let flags: [Flag] = [
        .dataDirectory, .name, .listen, .peer, .relay, .relayServer, .syncProvider, .lan, .noLAN,
        .invite, .startServer, .network, .identity, .persist, .ephemeral,
        .transport, .bind, .token, .tokenFile, .allowRemote, .allowedHost, .allowedOrigin,
        .authIssuer, .authKeys, .authResource, .scope,
        .toolsets, .tools, .consent,
        .resources, .push, .pushFrom, .limit, .iKnow, .maxFile, .channels, .deny, .noDirect,
        .logLevel, .logFormat,
        .overrideRecovery, .config, .noAttach, .generateIdentity, .printPeerID,
    ]

    private enum Purpose {
        case serve(Service)
        case generateIdentity
        case printPeerID
    }

    private let path: String
    private let identity: String
    private let purpose: Purpose

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        identity = try arguments.identityPath(path)
        if arguments.contains(.generateIdentity) {
            purpose = .generateIdentity
        } else if arguments.contains(.printPeerID) {
            purpose = .printPeerID
        } else {
            purpose = .serve(try Service(arguments, path: path))
        }
    }

    func run() async throws {
        switch purpose {
        case .serve(let service): try await service.run()
        case .generateIdentity:
            try Output.line(try Identity.create(at: identity, in: path).publicKey.hex)
        case .printPeerID: try Output.line(try Identity.load(from: identity).publicKey.hex)
        }
    }
}
