import AgentServer

/// One tool of the fixture server: its declaration and what it answers.
struct FixtureTool: Sendable {
    typealias Handle =
        @Sendable (_ arguments: JSONObject, _ request: OfferRequest) async throws -> OfferReply

    let name: String
    let summary: String
    let schema: JSON
    let handle: Handle

    init(
        _ name: String, _ summary: String,
        schema: JSON = ["type": "object", "additionalProperties": false],
        _ handle: @escaping Handle
    ) {
        self.name = name
        self.summary = summary
        self.schema = schema
        self.handle = handle
    }

    var json: JSON {
        ["name": .string(name), "description": .string(summary), "inputSchema": schema]
    }

    /// A schema whose members are texts.
    static func texts(_ required: [String], optional: [String] = []) -> JSON {
        let members = (required + optional).map {
            JSONObject.Member($0, ["type": "string"])
        }
        return [
            "type": "object", "properties": .object(JSONObject(members)),
            "required": JSON(required), "additionalProperties": false,
        ]
    }
}

extension OfferReply {
    static func blocks(_ blocks: JSON...) -> OfferReply {
        .complete(["content": .array(blocks)])
    }

    static func text(_ text: String) -> OfferReply { blocks(Block.text(text)) }

    static func failure(_ text: String) -> OfferReply {
        .complete(["content": [Block.text(text)], "isError": true])
    }
}

/// Content of results.
enum Block {
    static func text(_ text: String) -> JSON { ["type": "text", "text": .string(text)] }

    static func resource(_ uri: String, _ mimeType: String, _ text: String) -> JSON {
        [
            "type": "resource",
            "resource": [
                "uri": .string(uri), "mimeType": .string(mimeType), "text": .string(text),
            ],
        ]
    }

    /// One green pixel.
    static let png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5Erk"
        + "Jggg=="
    /// A header of 44 bytes and no sample.
    static let wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="

    static let image: JSON = ["type": "image", "data": .string(png), "mimeType": "image/png"]
    static let audio: JSON = ["type": "audio", "data": .string(wav), "mimeType": "audio/wav"]
}
