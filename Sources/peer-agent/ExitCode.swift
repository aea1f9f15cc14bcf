import AgentServer
import PeerNet
import PeerNode
import PeerState

/// How the program ends; scripts match on the number.
///
/// - Source: MCP 16.4.
enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    case usage = 2
    case configuration = 3
    case identity = 4
    case inUse = 5
    case damaged = 6
    case network = 7
    case refused = 8
    case timedOut = 9
    case differs = 10
    case interrupted = 130

    /// The one table from stable codes to exit codes.
    init(_ error: any Error) {
        switch error {
        case let failure as CLIFailure: self = Self.of(failure.code)
        case let failure as StoreFailure: self = Self.of(failure.code)
        case let failure as NetFailure: self = Self.of(failure.code)
        case let failure as NodeFailure: self = Self.of(failure.code)
        case is TokenFailure: self = .refused
        // Bytes that were stored here can no longer be read.
        case is Failure<WireCode>: self = .damaged
        default: self = .failed
        }
    }

    private static func of(_ code: CLICode) -> ExitCode {
        switch code {
        case .usage, .unknownServer: .usage
        case .badEnvironment, .badConfiguration: .configuration
        case .interrupted: .interrupted
        case .timeout: .timedOut
        case .nodeUnreachable, .nodeGone, .nodeOffline: .network
        case .notHealthy: .damaged
        case .statesDiffer, .badExport: .differs
        case .nodeRefused, .remoteBind, .consentNeeded: .refused
        default: .failed
        }
    }

    private static func of(_ code: StoreCode) -> ExitCode {
        switch code {
        case .keyMissing, .keyUnusable, .keyExposed: .identity
        case .locked, .busy: .inUse
        case .corrupt, .foreignDatabase, .storeFailed: .damaged
        default: .failed
        }
    }

    private static func of(_ code: NetCode) -> ExitCode {
        switch code {
        case .badAddress: .usage
        case .timeout: .timedOut
        default: .network
        }
    }

    private static func of(_ code: NodeCode) -> ExitCode {
        switch code {
        case .invalidArgument, .badText: .usage
        case .listenFailed, .offline: .network
        case .timeout: .timedOut
        case .storeFailed: .damaged
        case .noPermission, .notMember, .notHigher, .notReader, .ruleRefused, .malformedInvite,
            .inviteExpired, .wrongRecipient, .linkExpired, .linkExhausted, .linkDisabled, .badClaim,
            .needsGrant, .blocked, .suspended, .notOwner, .attenuated, .tooDeep, .notDelegated,
            .forkedAuthor, .overRate, .overBudget, .expired, .lapsed:
            .refused
        default: .failed
        }
    }

    /// What happened, before the error's own detail.
    var sentence: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .usage: "wrong usage"
        case .configuration: "the configuration is wrong"
        case .identity: "the identity cannot be used"
        case .inUse: "the data directory is in use"
        case .damaged: "the store is damaged"
        case .network: "the network failed"
        case .refused: "refused"
        case .timedOut: "timed out"
        case .differs: "verification failed"
        case .interrupted: "interrupted"
        }
    }

    /// What to do, where the detail cannot know it.
    var advice: String? {
        switch self {
        case .usage: "See peer-agent --help."
        case .inUse: "Stop that process, or name another directory with --data-dir."
        case .damaged: "Keep a copy of the data directory before trying anything else."
        case .network: "Check the address; --bind, --listen and --peer choose others."
        default: nil
        }
    }
}
