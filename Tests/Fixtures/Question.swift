import AgentServer

/// Something a fixture asks the client.
struct Question: Sendable {
    let method: String
    let params: JSONObject
    /// What a client must declare to be asked this.
    let capability: String

    static func form(
        _ message: String, _ properties: JSONObject, required: [String]
    ) -> Question {
        var schema: JSONObject = ["type": "object", "properties": .object(properties)]
        if !required.isEmpty { schema.append("required", JSON(required)) }
        return Question(
            method: "elicitation/create",
            params: ["message": .string(message), "requestedSchema": .object(schema)],
            capability: "elicitation")
    }

    /// A form with one field that must be filled in.
    static func field(_ message: String, _ name: String, type: String = "string") -> Question {
        form(message, JSONObject([.init(name, ["type": .string(type)])]), required: [name])
    }

    static func sampling(_ prompt: String, maxTokens: Int) -> Question {
        Question(
            method: "sampling/createMessage",
            params: [
                "messages": [["role": "user", "content": Block.text(prompt)]],
                "maxTokens": JSON(maxTokens),
            ], capability: "sampling")
    }

    static let roots = Question(method: "roots/list", params: [:], capability: "roots")

    var json: JSON {
        var params = params
        if method == "elicitation/create" { params["mode"] = "form" }
        return ["method": .string(method), "params": .object(params)]
    }

    /// The text of a sampled answer.
    static func text(_ answer: JSON?) -> String? {
        let content = answer?["content"]
        return content?["text"]?.string ?? content?.array?.first?["text"]?.string
    }

    /// Whether an answer is of this question's kind and agrees.
    func isAnswered(by answer: JSON?) -> Bool {
        switch capability {
        case "elicitation":
            guard answer?["action"] == "accept", let content = answer?["content"]?.object else {
                return false
            }
            let required = params["requestedSchema"]?["required"]?.array ?? []
            return required.compactMap(\.string).allSatisfy { name in
                let type = params["requestedSchema"]?["properties"]?[name]?["type"]?.string
                return type == "boolean" ? content[name]?.bool != nil : content[name]?.string != nil
            }
        case "sampling": return Self.text(answer) != nil
        default: return answer?["roots"]?.array != nil
        }
    }
}
