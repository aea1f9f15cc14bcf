package import PeerState

extension Limits {
    package static let addressBook = 1_024
    /// Failed dials after which hearsay is forgotten.
    package static let addressTries: UInt64 = 8
    /// Members up to which every change is counted at once; more wait for `countAgain`.
    static let countedAtOnce = 64
    static let countAgain = Milliseconds.seconds(2)
    /// When whoever let this node in is looked for first; half as long at least, one and a half
    /// times at most. Each part of a crowd holds somebody that another part let in.
    static let seekSoon = Milliseconds.seconds(20)
    /// How often a large server is searched for members out of sight, half as long at least.
    static let seekPeriod = Milliseconds.seconds(300)
    /// How long a link that no server needs waits for both sides to hold the same.
    static let releaseWait = Milliseconds.seconds(30)
    /// How long a peer is not dialled, twice that at most, which took a link of another process
    /// with this key for ours.
    static let replacedPause = Milliseconds.seconds(15)
    /// How often whoever let this node in is asked why others do not count it.
    static let askWhyAgain = Milliseconds.seconds(20)
    /// How often one peer is told addresses, and may tell us.
    package static let exchangePeriod = Milliseconds.seconds(60)
    /// How often we tell: a little less often, so that delays on the way are refused by nobody.
    package static let ownExchangePeriod = Milliseconds.seconds(65)
}
