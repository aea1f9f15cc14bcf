package import PeerState

/// Why a token could not be made or revoked.
package enum TokenCode: UInt16, FailureCode {
    case tooManyTokens = 650
    case unknownToken = 651
    case badToken = 652
    case badKeySet = 653
}

package typealias TokenFailure = Failure<TokenCode>
