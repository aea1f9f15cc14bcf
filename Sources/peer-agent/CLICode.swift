import PeerState

/// Why a command could not do what it was asked, beyond what the node's own layers say.
enum CLICode: UInt16, FailureCode {
    case usage = 700
    case badEnvironment = 701
    case alreadySetUp = 702
    case outputFailed = 703
    case stopTookTooLong = 704
    case nodeUnreachable = 705
    case nodeRefused = 706
    case remoteBind = 707
    case badConfiguration = 708
    case nodeGone = 709
    case callFailed = 710
    case nodeOffline = 711
    case badBackup = 712
    case notEmpty = 713
    case badExport = 714
    case notHealthy = 715
    case statesDiffer = 716
    case consentNeeded = 717
    /// A file named on the command line cannot be read or written.
    case badFile = 718
    /// What `--server` says is none of this node's servers, or several.
    case unknownServer = 719

    case childFailed = 720
    case demoFailed = 721
    case interrupted = 722
    case timeout = 723
}

typealias CLIFailure = Failure<CLICode>
