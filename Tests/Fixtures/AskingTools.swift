import AgentServer

/// Tools that ask the client in the middle of a legacy call.
enum AskingTools {
    static let all: [FixtureTool] = [
        FixtureTool(
            "test_sampling", "Asks the client's model.", schema: FixtureTool.texts(["prompt"])
        ) { arguments, request in
            guard !request.revision.isModern, request.capabilities["sampling"]?.object != nil
            else { return .failure("The client did not declare sampling") }
            let question = Question.sampling(arguments["prompt"]?.string ?? "", maxTokens: 100)
            let answer = await request.ask("sampling/createMessage", question.params)
            guard let text = Question.text(answer) else { return .failure("No answer") }
            return .text("LLM response: \(text)")
        },
        FixtureTool(
            "test_elicitation", "Asks a person.", schema: FixtureTool.texts(["message"])
        ) { arguments, request in
            let question = Question.form(
                arguments["message"]?.string ?? "",
                [
                    "username": ["type": "string", "description": "User's response"],
                    "email": ["type": "string", "description": "User's email address"],
                ], required: ["username", "email"])
            return await ask(question, request, "User response: ")
        },
        FixtureTool("test_elicitation_sep1034_defaults", "Five defaults.") { _, request in
            let question = Question.form(
                "Please review and update the form fields with defaults",
                [
                    "name": ["type": "string", "default": "John Doe"],
                    "age": ["type": "integer", "default": 30],
                    "score": ["type": "number", "default": 95.5],
                    "status": [
                        "type": "string", "enum": ["active", "inactive", "pending"],
                        "default": "active",
                    ],
                    "verified": ["type": "boolean", "default": true],
                ], required: [])
            return await ask(question, request, "Elicitation completed: ")
        },
        FixtureTool("test_elicitation_sep1330_enums", "Five forms of enums.") { _, request in
            let question = Question.form("Please select options", enums, required: [])
            return await ask(question, request, "Elicitation completed: ")
        },
    ]

    private static func ask(
        _ question: Question, _ request: OfferRequest, _ before: String
    ) async -> OfferReply {
        guard !request.revision.isModern, request.capabilities["elicitation"]?.object != nil else {
            return .failure("The client did not declare elicitation")
        }
        let answer = await request.ask("elicitation/create", question.params)
        guard let answer, let action = answer["action"]?.string else {
            return .failure("No answer")
        }
        let content = answer["content"]?.text ?? "{}"
        return .text("\(before)action=\(action), content=\(content)")
    }

    private static let enums: JSONObject = [
        "untitledSingle": ["type": "string", "enum": ["option1", "option2", "option3"]],
        "titledSingle": [
            "type": "string",
            "oneOf": [
                ["const": "value1", "title": "First Option"],
                ["const": "value2", "title": "Second Option"],
                ["const": "value3", "title": "Third Option"],
            ],
        ],
        "legacyEnum": [
            "type": "string", "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        ],
        "untitledMulti": [
            "type": "array",
            "items": ["type": "string", "enum": ["option1", "option2", "option3"]],
        ],
        "titledMulti": [
            "type": "array",
            "items": [
                "anyOf": [
                    ["const": "value1", "title": "First Choice"],
                    ["const": "value2", "title": "Second Choice"],
                    ["const": "value3", "title": "Third Choice"],
                ]
            ],
        ],
    ]
}
