import AgentServer

/// Tools that answer with fixed content.
enum ContentTools {
    static let all: [FixtureTool] = [
        FixtureTool("test_simple_text", "One text block.") { _, _ in
            .text("This is a simple text response for testing.")
        },
        FixtureTool("test_image_content", "One image block.") { _, _ in .blocks(Block.image) },
        FixtureTool("test_audio_content", "One audio block.") { _, _ in .blocks(Block.audio) },
        FixtureTool("test_embedded_resource", "One embedded resource.") { _, _ in
            .blocks(
                Block.resource(
                    "test://embedded-resource", "text/plain",
                    "This is an embedded resource content."))
        },
        FixtureTool("test_multiple_content_types", "Text, image and resource.") { _, _ in
            .blocks(
                Block.text("Multiple content types test:"), Block.image,
                Block.resource(
                    "test://mixed-content-resource", "application/json",
                    #"{"test":"data","value":123}"#))
        },
        FixtureTool("test_error_handling", "A result that is an error.") { _, _ in
            .failure("This tool intentionally returns an error for testing")
        },
        FixtureTool("greet", "Greets.", schema: FixtureTool.texts(["name"])) { arguments, _ in
            guard let name = arguments["name"]?.string else { return .failure("name: missing") }
            return .text("Hello, \(name)!")
        },
    ]

    /// Tools about which the declaration matters.
    static let declarations: [FixtureTool] = [
        FixtureTool("json_schema_2020_12_tool", "Every keyword of its schema stays.", schema: full)
        {
            _, _ in .text("ok")
        },
        FixtureTool("test_x_mcp_header", "A header repeats an argument.", schema: header) {
            arguments, _ in .text("region=\(arguments["region"]?.string ?? "")")
        },
        FixtureTool("test_missing_capability", "Needs sampling.") { _, request in
            guard request.capabilities["sampling"]?.object != nil else {
                throw MCPError.missing(["sampling": [:]])
            }
            return .text("sampling is there")
        },
    ]

    private static let header: JSON = [
        "type": "object",
        "properties": ["region": ["type": "string", "x-mcp-header": "Region"]],
        "additionalProperties": false,
    ]

    private static let full: JSON = [
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": [
            "address": [
                "$anchor": "addressDef", "type": "object",
                "properties": ["street": ["type": "string"], "city": ["type": "string"]],
            ]
        ],
        "properties": [
            "name": ["type": "string"], "address": ["$ref": "#/$defs/address"],
            "contactMethod": ["type": "string", "enum": ["phone", "email"]],
            "phone": ["type": "string"], "email": ["type": "string"],
        ],
        "allOf": [["anyOf": [["required": ["phone"]], ["required": ["email"]]]]],
        "if": [
            "properties": ["contactMethod": ["const": "phone"]], "required": ["contactMethod"],
        ],
        "then": ["required": ["phone"]],
        "else": ["required": ["email"]],
        "additionalProperties": false,
    ]
}
