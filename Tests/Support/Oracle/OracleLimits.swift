/// The figures of PROTOCOL 12 that the state depends on; tests lower them to reach them.
package struct OracleLimits: Sendable {
    package var channels = 1_000
    package var roles = 256
    package var members = 10_000
    package var pinsPerChannel = 50
    package var reactionsPerAuthor = 20
    package var openProposals = 16
    package var delegationDepth = 16
    package var removalsPerAuthor = 256
    package var removalWindow: UInt64 = 10_000
    package var causeDepth = 16
    package var fanOut = 64

    package init() {}
}
