import PeerState

/// Why a tool could not do what it was asked; agents match on the word.
///
/// - Source: MCP 3.2.
package enum ToolCode: UInt16, FailureCode {
    case invalidArgument = 600
    case tooLarge = 601
    case badCursor = 602
    case ambiguousID = 603
    case ambiguousChannel = 604

    case unknownServer = 610
    case unknownChannel = 611
    case unknownMessage = 612
    case unknownPeer = 613
    case unknownInvite = 614
    case unknownRole = 615
    case unknownProposal = 616
    case unknownFile = 617

    case permissionDenied = 620
    case notMember = 621
    case notAuthor = 622
    case suspended = 623
    case quotaExceeded = 624
    case loopGuard = 625

    case stale = 630
    case conflict = 631
    case expired = 632
    case noKey = 633
    case nameTaken = 634
    case proposalClosed = 635
    case usedUp = 636
    case notInVoice = 638

    case rateLimited = 640
    case consentRequired = 641
    case offline = 642
    case timeout = 643
    case unavailable = 644
    /// Never shown: a bug, answered as a JSON-RPC internal error.
    case internalError = 659

    /// The word in `structuredContent.error.code`, such as `unknown_channel`.
    package var snakeWord: String {
        if self == .ambiguousID { return "ambiguous_id" }
        return word.reduce(into: "") { result, letter in
            if letter.isUppercase { result.append("_") }
            result.append(contentsOf: letter.lowercased())
        }
    }
}
