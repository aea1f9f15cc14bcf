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
        while holds(boundary, in: text) && attempts < 8 {
            boundary = await port.entropy(8).hex
            attempts += 1
        }
        return "<<<\(boundary)\n\(text)\n\(boundary)>>>"
    }

    /// By bytes: a page is long, and this is done for each.
    private static func holds(_ boundary: String, in text: String) -> Bool {
        let part = Array(boundary.utf8)
        var text = text
        return text.withUTF8 { bytes in
            guard let first = part.first, bytes.count >= part.count else { return false }
            for start in 0...bytes.count - part.count where bytes[start] == first {
                if bytes[start..<start + part.count].elementsEqual(part) { return true }
            }
            return false
        }
    }
}
