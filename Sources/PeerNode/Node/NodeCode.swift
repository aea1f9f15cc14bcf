package import PeerState

/// Why the node refuses an act or a question; the tool layer turns each into its own word.
///
/// - Source: PROTOCOL 13 for the words that peers share; the rest is local. Numbers 500–599.
package enum NodeCode: UInt16, FailureCode {
    // What was asked for does not exist here.
    case unknownServer = 500
    case unknownChannel = 501
    case unknownMessage = 502
    case unknownPeer = 503
    case ambiguousID = 504
    case ambiguousName = 505
    case badCursor = 506
    case invalidArgument = 507
    case unknownRole = 508
    case unknownProposal = 509
    case unknownLink = 510
    case unknownFile = 511

    // The rules of the server, or the other side, say no.
    case noPermission = 520
    case notMember = 521
    case alreadyMember = 522
    case notHigher = 523
    case notReader = 524
    case limit = 525
    case wrongChannel = 526
    case wrongRecipient = 527
    case malformedInvite = 528
    case inviteExpired = 529
    case tooLarge = 530
    case badText = 531
    case nameTaken = 532
    case noKey = 533
    case stale = 534
    case conflict = 535
    case ruleRefused = 536
    case suspended = 537
    case notSenior = 538
    case notElector = 539
    case notAuthor = 540
    case deleted = 541
    case closed = 542
    case ownerCannotLeave = 543
    case invalidThreshold = 544
    case badCut = 545
    case linkExpired = 547
    case linkExhausted = 548
    case linkDisabled = 549
    case badClaim = 560
    case needsGrant = 561
    case blocked = 562
    /// Agents answered each other too often.
    case loopGuard = 563
    // What the own grant allows per time is used up, or the grant has ended.
    case overRate = 569
    case overBudget = 570
    case expired = 571
    case lapsed = 572
    // What the own grant or level never allows.
    case notOwner = 573
    case attenuated = 574
    case tooDeep = 575
    case notDelegated = 576
    case forkedAuthor = 577

    // The node cannot do it now.
    case recovering = 550
    case storeFailed = 551
    case diskFull = 552
    case shuttingDown = 553
    case timeout = 554
    case offline = 555
    case tooManyWaiters = 556
    case listenFailed = 557
    case internalError = 558
    case tooManyUploads = 559

    // What is said and not written.
    case notInVoice = 565
    case tooOften = 566

    /// An upload that was left alone for too long.
    case uploadExpired = 567
    /// A file that is not what its message says.
    case badBlob = 568
}

package typealias NodeFailure = Failure<NodeCode>
