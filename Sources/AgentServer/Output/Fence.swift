import PeerNode
import PeerState

/// Encloses text that others wrote between marks they cannot guess.
///
/// - Source: MCP 8.3.
enum Fence {
    /// Returns `<<<BOUNDARY`, the text and `BOUNDARY>>>` on their own lines.
    static func enclose(_ text: String, port: any AgentPort) async -> String {
        var boundary = await port.entropy(8).hex
        // Likelier to be hit by lightning; but a scripted entropy may repeat itself.
        var attempts = 0
        while text.contains(boundary) && attempts < 8 {
            boundary = await port.entropy(8).hex
            attempts += 1
        }
        return "<<<\(boundary)\n\(text)\n\(boundary)>>>"
    }
}
