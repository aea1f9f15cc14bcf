import PeerNode
package import PeerState

/// Ends of nodes at a chosen point.
extension Mesh {
    /// A message is stored, and its node gone before it has heard so, told anybody or sent it.
    package func crashInCommit(
        _ node: Int, life: UInt64, posting text: String, _ server: Server.ID,
        _ channel: Channel.ID
    ) throws {
        diesInCommit.insert(node)
        begin(
            node,
            .postMessage(
                PostMessage(principal: "test", server: server, channel: channel, text: text)))
        diesInCommit.remove(node)
        try crash(node, life: life)
    }
}
