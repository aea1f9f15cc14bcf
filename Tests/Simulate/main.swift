import Glibc
import PeerNet
import PeerTesting

/// `PeerSim`: runs plans of the simulator and says what they reached and what they broke.
let options: SimOptions
do {
    options = try SimOptions(Array(CommandLine.arguments.dropFirst()))
} catch {
    FileOutput.error("PeerSim: \(error)\n\(SimOptions.usage)")
    exit(2)
}
let isFine =
    if options.isSelfCheck {
        SelfCheck(options.first).run()
    } else if let members = options.churn {
        ChurnCheck(members, options.first).run()
    } else if let members = options.crowd {
        CrowdCheck(members, options.first, runs: options.crowds).report()
    } else if let events = options.join {
        JoinCheck(events, options.first).run()
    } else if let seeds = options.flood {
        FloodCheck(options.first, runs: seeds).report()
    } else if let plan = options.plan {
        Replay(options).run(plan)
    } else {
        Campaign(options).run()
            && (!options.isLong || JoinCheck(JoinCheck.usual, options.first).run())
    }
exit(isFine ? 0 : 1)
