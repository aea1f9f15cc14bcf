package import PeerState

/// Why bytes are no acceptable HTTP request; each code has one status.
///
/// - Source: MCP 2.8, RFC 9112.
package enum HTTPCode: UInt16, FailureCode {
    case badRequestLine = 660
    case badTarget = 661
    case badVersion = 662
    case badHeader = 663
    case badHost = 664
    case badLength = 665
    case badTransferCoding = 666
    case badChunk = 667
    case badExpectation = 668
    case lengthRequired = 669
    case targetTooLong = 670
    case headersTooLarge = 671
    case bodyTooLarge = 672
    case requestTimeout = 673

    package var status: Int {
        switch self {
        case .badRequestLine, .badTarget, .badHeader, .badHost, .badLength, .badChunk: 400
        case .badVersion: 505
        case .badTransferCoding: 501
        case .badExpectation: 417
        case .lengthRequired: 411
        case .targetTooLong: 414
        case .headersTooLarge: 431
        case .bodyTooLarge: 413
        case .requestTimeout: 408
        }
    }
}

package typealias HTTPFailure = Failure<HTTPCode>
