import PeerState

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
