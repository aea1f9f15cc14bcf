import Glibc
import PeerNet
import PeerState
import PeerTesting

/// What the command line asks for.
struct SimOptions {
    static let usage = """
        PeerSim [--seeds N] [--seconds N] [--first SEED] [--jobs N] [--long] [--twice N] [--brief]
        PeerSim --seed 0x… [--trace] [--log] [--keep FILE]
        PeerSim --seed 0x… --pick a6,s0-17,f2           these actors, steps and faults of it alone
        PeerSim --plan FILE [--trace] [--log]           one plan, such as a shrunk one
        PeerSim --self-check                            broken worlds, each of which must be noticed
        PeerSim --flood SEEDS [--first SEED]            calm plans with and without a flooder
        PeerSim --churn MEMBERS [--first SEED]          joins, removals, restarts, prekeys at once
        PeerSim --join EVENTS [--first SEED]            a newcomer to a long history, often cut
        PeerSim --crowd MEMBERS [--seeds N] [--first SEED]   S-220: what broadcast costs
        """

    struct Wrong: Error, CustomStringConvertible { let description: String }

    var seeds: UInt64 = 100_000
    /// No seed begins later than this.
    var seconds: UInt64 = 80
    var first = Seed(1)
    var jobs = 2
    var isLong = false
    /// Seeds that run a second time, for I-17.
    var twice: UInt64 = 10
    var plan: Plan?
    var isTracing = false
    /// The nodes' own logs go to standard error.
    var isLogging = false
    /// Failures are named, not shrunk.
    var isBrief = false
    var isSelfCheck = false
    var planFile: String?
    /// How many members come and go; nil for other work.
    var churn: UInt64?
    /// How many events a newcomer fetches; nil for other work.
    var join: UInt64?
    /// How many plans are run with and without a flooder; nil for other work.
    var flood: UInt64?
    /// How many members arrive at once; nil for other work.
    var crowd: UInt64?
    /// Crowds, if their number was given.
    var crowds: UInt64 = 1

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        var picks: String?
        while let flag = rest.popFirst() {
            switch flag {
            case "--long":
                isLong = true
                seeds = 100_000
                seconds = 3_600
                twice = 5_000
            case "--trace": isTracing = true
            case "--log": isLogging = true
            case "--brief": isBrief = true
            case "--self-check": isSelfCheck = true
            case "--seeds":
                seeds = try Self.number(flag, &rest)
                crowds = seeds
            case "--seconds": seconds = try Self.number(flag, &rest)
            case "--jobs": jobs = max(1, Int(try Self.number(flag, &rest)))
            case "--twice": twice = try Self.number(flag, &rest)
            case "--first": first = Seed(try Self.number(flag, &rest))
            case "--seed": plan = PlanMaker.plan(Seed(try Self.number(flag, &rest)))
            case "--plan": plan = try Plan(text: try Self.file(try Self.word(flag, &rest)))
            case "--pick": picks = try Self.word(flag, &rest)
            case "--flood": flood = try Self.number(flag, &rest)
            case "--join": join = try Self.number(flag, &rest)
            case "--crowd": crowd = max(2, try Self.number(flag, &rest))
            case "--churn": churn = try Self.number(flag, &rest)
            case "--keep": planFile = try Self.word(flag, &rest)
            default: throw Wrong(description: "unknown argument \(flag)")
            }
        }
        guard let picks else { return }
        guard let whole = plan else { throw Wrong(description: "--pick needs --seed or --plan") }
        plan = try whole.picking(picks)
    }

    private static func word(_ flag: String, _ rest: inout ArraySlice<String>) throws -> String {
        guard let word = rest.popFirst() else { throw Wrong(description: "\(flag) needs a value") }
        return word
    }

    private static func number(_ flag: String, _ rest: inout ArraySlice<String>) throws -> UInt64 {
        let word = try word(flag, &rest)
        guard let seed = Seed(text: word) else {
            throw Wrong(description: "\(flag): \(word) is no number")
        }
        return seed.value
    }

    private static func file(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Wrong(description: "cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = fgetc(file)
            if byte == EOF { break }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

enum FileOutput {
    static func error(_ text: String) { Log.standardError(text) }

    static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "w") else {
            return error("PeerSim: \(path) cannot be written")
        }
        fputs(text, file)
        fclose(file)
    }
}
