/// What reading a resource gives, before it is encoded for a revision.
struct ResourceContents: Sendable {
    var text: String
    /// The same while it says the same: `text` without the cursor, which moves with whatever
    /// happens anywhere.
    let likeness: Int
    /// Base64 of what is no text; stands instead of it.
    var blob: String?
    var mimeType = "application/json"
    /// How long it may be kept, in milliseconds, and by whom (MCP 2.5).
    var ttlMilliseconds = 0
    var cacheScope = "private"
    /// Set where texts of others are inside.
    var priority: Double?

    init(_ object: JSONObject) {
        text = JSON.object(object).text
        guard object["cursor"] != nil else {
            likeness = text.hashValue
            return
        }
        var rest = object
        rest["cursor"] = nil
        likeness = JSON.object(rest).text.hashValue
    }

    init(markdown: String) {
        text = markdown
        likeness = text.hashValue
        mimeType = "text/markdown"
        ttlMilliseconds = 3_600_000
        cacheScope = "public"
    }

    func json(uri: String, for revision: MCPRevision) -> JSON {
        var object: JSONObject = ["uri": .string(uri), "mimeType": .string(mimeType)]
        if let blob {
            object.append("blob", .string(blob))
        } else {
            object.append("text", .string(text))
        }
        if let priority {
            object.append(
                "annotations", ["audience": ["assistant"], "priority": .number(priority)])
        }
        return .object(object)
    }
}
