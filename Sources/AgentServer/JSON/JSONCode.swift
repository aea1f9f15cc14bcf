package import PeerState

/// Why bytes are no acceptable JSON text; all of them answer −32700 in a frame.
package enum JSONCode: UInt16, FailureCode {
    case jsonSyntax = 680
    case jsonDepth = 681
    case jsonNodes = 682
    case jsonDuplicateKey = 683
    case jsonEncoding = 684
    case jsonNumber = 685
    case jsonTrailing = 686
}

package typealias JSONFailure = Failure<JSONCode>
