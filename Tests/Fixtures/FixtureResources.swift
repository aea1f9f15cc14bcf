import AgentServer

/// The resources of MCP 12.3.
enum FixtureResources {
    static let watched = "test://watched-resource"
    static let template = "test://template/{id}/data"

    static let list: [JSON] = [
        item("test://static-text", "static-text", "text/plain"),
        item("test://static-binary", "static-binary", "image/png"),
        item(watched, "watched-resource", "text/plain"),
    ]

    static let templates: [JSON] = [
        [
            "uriTemplate": .string(template), "name": "template-data",
            "mimeType": "application/json",
        ]
    ]

    private static func item(_ uri: String, _ name: String, _ mimeType: String) -> JSON {
        ["uri": .string(uri), "name": .string(name), "mimeType": .string(mimeType)]
    }

    /// `nil` for what is not there.
    static func contents(_ uri: String) -> JSON? {
        func text(_ text: String, _ mimeType: String = "text/plain") -> JSON {
            ["uri": .string(uri), "mimeType": .string(mimeType), "text": .string(text)]
        }
        switch uri {
        case "test://static-text": return text("This is the content of the static text resource.")
        case "test://static-binary":
            return ["uri": .string(uri), "mimeType": "image/png", "blob": .string(Block.png)]
        case watched: return text("Watched resource content")
        default: break
        }
        let head = "test://template/"
        let tail = "/data"
        guard uri.hasPrefix(head), uri.hasSuffix(tail),
            uri.utf8.count > head.utf8.count + tail.utf8.count
        else { return nil }
        let id = String(uri.dropFirst(head.count).dropLast(tail.count))
        guard !id.contains("/") else { return nil }
        let data: JSON = [
            "id": .string(id), "templateTest": true, "data": .string("Data for ID: \(id)"),
        ]
        return text(data.text, "application/json")
    }
}
