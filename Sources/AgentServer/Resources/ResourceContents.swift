/// What reading a resource gives, before it is encoded for a revision.
struct ResourceContents: Sendable {
    var text: String
    /// `text` as an object, where it has a cursor.
    private var paged: JSONObject?
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
        if object["cursor"] != nil { paged = object }
    }

    init(markdown: String) {
        text = markdown
        mimeType = "text/markdown"
        ttlMilliseconds = 3_600_000
        cacheScope = "public"
    }

    /// The same while it says the same: a cursor moves with whatever happens anywhere.
    var likeness: Int {
        guard var rest = paged else { return text.hashValue }
        rest["cursor"] = nil
        return JSON.object(rest).text.hashValue
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
