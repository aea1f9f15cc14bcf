package import PeerState

/// Why a link, or a frame on it, was refused or ended.
///
/// - Source: PROTOCOL 13, group "links and sync"; the local ones never leave the machine.
package enum NetCode: UInt16, FailureCode {
    // Words that peers share.
    case badFrame = 400
    case badHandshake = 401
    case superseded = 402
    case timeout = 403
    case overCredit = 404
    case badNeg = 405
    case unknownScope = 406
    case lowScore = 407
    case versionMismatch = 408
    case relayFull = 409
    case unknownPeer = 410
    case notMember = 411
    case overQuota = 412

    // Local ones.
    case listenFailed = 450
    case dialFailed = 451
    case linkClosed = 452
    case closedByPeer = 453
    case badAddress = 455
    case resolveFailed = 456
    case noDescriptor = 457
    case nonceExhausted = 458
    case shuttingDown = 459
    case cancelled = 460

    /// The code with this word, such as the one a `Bye` frame carries.
    package init?(word: String) {
        guard let code = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = code
    }
}

package typealias NetFailure = Failure<NetCode>
