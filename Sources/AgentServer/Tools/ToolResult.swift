import PeerState

/// What a tool found or did, before it is encoded for a revision.
package struct ToolResult: Sendable {
    /// Says who the text is for and how much it matters (MCP 8.5).
    package struct Annotations: Sendable {
        package var priority: Double
        package var lastModified: String?
    }

    package struct Link: Sendable {
        package var uri: String
        package var name: String
        package var mimeType = "application/json"
    }

    /// Bytes that a client may show as a picture, as Base64.
    package struct Image: Sendable {
        package var data: String
        package var mimeType: String
    }

    package var structured: JSONObject
    /// `nil` = the compact JSON.
    package var text: String?
    package var isError = false
    package var annotations: Annotations?
    package var links: [Link] = []
    package var image: Image?

    package init(_ structured: JSONObject, text: String? = nil) {
        self.structured = structured
        self.text = text
    }

    package init(_ refusal: ToolRefusal) {
        structured = ["error": .object(refusal.error)]
        text = refusal.failure.detail
        isError = true
    }

    /// The members of the result that are this tool's own, for one revision.
    func members(for revision: MCPRevision, extraText: String?) -> JSONObject {
        var blocks = [block(for: revision)]
        if let image {
            blocks.append([
                "type": "image", "data": .string(image.data),
                "mimeType": .string(image.mimeType),
            ])
        }
        for link in links { blocks.append(Self.block(link, for: revision)) }
        // Older revisions have no other place for bytes of files.
        if !revision.hasStructuredResults, structured["data"] != nil {
            blocks.append(["type": "text", "text": .string(JSON.object(structured).text)])
        }
        if let extraText { blocks.append(["type": "text", "text": .string(extraText)]) }
        var members: JSONObject = ["content": .array(blocks)]
        if revision.hasStructuredResults {
            members.append("structuredContent", .object(structured))
        }
        if isError { members.append("isError", true) }
        return members
    }

    private func block(for revision: MCPRevision) -> JSON {
        let text = text ?? JSON.object(structured).text
        var block: JSONObject = ["type": "text", "text": .string(text)]
        if let annotations {
            var object: JSONObject = [
                "audience": ["assistant"], "priority": .number(annotations.priority),
            ]
            if revision.hasStructuredResults, let modified = annotations.lastModified {
                object.append("lastModified", .string(modified))
            }
            block.append("annotations", .object(object))
        }
        return .object(block)
    }

    private static func block(_ link: Link, for revision: MCPRevision) -> JSON {
        guard revision.hasStructuredResults else {
            return ["type": "text", "text": .string("\(link.lead): \(link.uri)")]
        }
        return [
            "type": "resource_link", "uri": .string(link.uri), "name": .string(link.name),
            "mimeType": .string(link.mimeType),
        ]
    }
}

extension ToolResult.Link {
    /// What stands before the address where links are lines.
    fileprivate var lead: String {
        uri.hasPrefix("peer://file/") ? "Whole file" : "Whole text"
    }
}
