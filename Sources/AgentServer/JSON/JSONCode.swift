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

/// Bounds of one JSON text.
///
/// - Source: MCP 14, `json.depth` and `json.nodes`.
package struct JSONLimits: Sendable {
    package var depth: Int
    package var nodes: Int

    package init(depth: Int = Limits.jsonDepth, nodes: Int = Limits.jsonNodes) {
        self.depth = depth
        self.nodes = nodes
    }
}
