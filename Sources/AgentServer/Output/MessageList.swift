package import PeerNode
import PeerState

/// As many messages as the budget of a result holds, in both renderings.
///
/// - Bound: `OutputFormat.textBytes` and `frameBytes` (MCP 8.2).
package struct MessageList: Sendable {
    /// Which end stays when not everything fits.
    package enum Keep: Sendable { case first, last }

    package private(set) var messages: [MessageSnapshot] = []
    package private(set) var objects: [JSON] = []
    package private(set) var links: [ToolResult.Link] = []
    private var lines: [String] = []
    package let isCut: Bool

    /// Room for the header, the fence, the footer and the members around the messages.
    private static let overhead = 1_200
    /// A day line and the separators of one message.
    private static let perMessage = 16

    package init(
        _ all: [MessageSnapshot], encoder: MessageEncoder, keep: Keep, showsChannel: Bool
    ) {
        var text = 0
        var frame = Self.overhead
        let order = keep == .first ? all : all.reversed()
        for message in order {
            let (object, isTextCut) = encoder.object(message)
            let line = encoder.line(message, showsChannel: showsChannel)
            let json = JSON.object(object)
            let lineBytes = line.utf8.count + Self.perMessage
            text += lineBytes
            // The line is quoted once more inside the frame.
            frame += json.encoded.count + JSON.string(line).encoded.count + Self.perMessage
            let fits = text <= encoder.format.textBytes && frame <= encoder.format.frameBytes
            guard fits || messages.isEmpty else { break }
            messages.append(message)
            objects.append(json)
            lines.append(line)
            if isTextCut && links.count < Limits.truncatedLinks {
                links.append(
                    .init(uri: "peer://message/\(message.id.hex)", name: message.id.short))
            }
        }
        isCut = messages.count < all.count
        if keep == .last {
            messages.reverse()
            objects.reverse()
            lines.reverse()
            links.reverse()
        }
    }

    /// The lines, with a date before the first of each day.
    package var text: String {
        var result: [String] = []
        var day = ""
        for (message, line) in zip(messages, lines) {
            let own = Calendar.day(message.atMilliseconds)
            if own != day {
                result.append(own)
                day = own
            }
            result.append(line)
        }
        return result.joined(separator: "\n")
    }

    package var annotations: ToolResult.Annotations {
        .init(
            priority: messages.contains(where: \.isMention) ? 1.0 : 0.6,
            lastModified: messages.map(\.atMilliseconds).max().map(Calendar.seconds))
    }

    /// The whole text of a result: header, fenced lines, footer.
    package func page(
        header: String, footer: String, port: any AgentPort
    ) async -> String {
        let footer = isCut ? footer + " · cut by size" : footer
        guard !messages.isEmpty else { return header + "\n" + footer }
        return header + "\n" + (await Fence.enclose(text, port: port)) + "\n" + footer
    }
}
