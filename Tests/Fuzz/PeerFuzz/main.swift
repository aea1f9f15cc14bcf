import Foundation
import FuzzTargets
import PeerState

/// `PeerFuzz`: mutated inputs against every decoder, each run from one seed.
///
/// - Shape: `PeerFuzz [--seconds N] [--seed 0x…] [--target NAME] [--input HEX] [--long]`.
let options = FuzzOptions(Array(CommandLine.arguments.dropFirst()))
guard let options else {
    Log.standardError(FuzzOptions.usage)
    exit(2)
}
LastInput.watch()
exit(FuzzCampaign(options).run() ? 0 : 1)
