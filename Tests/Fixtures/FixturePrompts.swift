import AgentServer

/// The prompts of MCP 12.2.
struct FixturePrompts: Sendable {
    let name: String
    let arguments: [String]
    let compose: @Sendable (JSONObject, OfferRequest) throws -> OfferReply

    var json: JSON {
        let arguments = arguments.map { name -> JSON in
            ["name": .string(name), "description": "An argument.", "required": true]
        }
        var object: JSONObject = ["name": .string(name), "description": "A prompt for tests."]
        if !arguments.isEmpty { object.append("arguments", .array(arguments)) }
        return .object(object)
    }

    private static func messages(_ contents: JSON...) -> OfferReply {
        .complete([
            "messages": .array(contents.map { ["role": "user", "content": $0] })
        ])
    }

    static let all: [FixturePrompts] = [
        FixturePrompts(name: "test_simple_prompt", arguments: []) { _, _ in
            messages(Block.text("This is a simple prompt for testing."))
        },
        FixturePrompts(name: "test_prompt_with_arguments", arguments: ["arg1", "arg2"]) {
            arguments, _ in
            let first = arguments["arg1"]?.string ?? ""
            let second = arguments["arg2"]?.string ?? ""
            return messages(
                Block.text("Prompt with arguments: arg1='\(first)', arg2='\(second)'"))
        },
        FixturePrompts(name: "test_prompt_with_embedded_resource", arguments: ["resourceUri"]) {
            arguments, _ in
            messages(
                Block.resource(
                    arguments["resourceUri"]?.string ?? "", "text/plain",
                    "Embedded resource content for testing."),
                Block.text("Please process the embedded resource above."))
        },
        FixturePrompts(name: "test_prompt_with_image", arguments: []) { _, _ in
            messages(Block.image, Block.text("Please analyze the image above."))
        },
        FixturePrompts(name: "test_input_required_result_prompt", arguments: []) { _, request in
            let question = Question.field("What context should the prompt use?", "context")
            let asked = try RoundTools.ask([("user_context", question)], request, memory: nil)
            let context = RoundTools.text("user_context", "context", request)
            return asked ?? messages(Block.text("Use this context: \(context)"))
        },
    ]
}
