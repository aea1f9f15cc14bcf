import AgentServer

/// Tools that are answered in rounds of the modern era.
enum RoundTools {
    private static let prefix = "test_input_required_result_"
    static let name = Question.field("What is your name?", "name")
    private static let capital = Question.sampling(
        "What is the capital of France?", maxTokens: 100)
    private static let greeting = Question.sampling("Generate a greeting", maxTokens: 50)
    private static let confirm = Question.field("Please confirm", "ok", type: "boolean")

    static let all: [FixtureTool] = [
        FixtureTool(prefix + "elicitation", "Asks a name.") { _, request in
            let asked = try ask([("user_name", name)], request, memory: nil)
            return asked ?? .text("Hello, \(text("user_name", "name", request))!")
        },
        FixtureTool(prefix + "sampling", "Asks the client's model.") { _, request in
            let asked = try ask([("capital_question", capital)], request, memory: nil)
            return asked ?? .text(Question.text(request.responses["capital_question"]) ?? "")
        },
        FixtureTool(prefix + "list_roots", "Asks for the roots.") { _, request in
            let asked = try ask([("client_roots", .roots)], request, memory: nil)
            let roots = request.responses["client_roots"]?["roots"]?.array ?? []
            let names = roots.compactMap { $0["uri"]?.string }.joined(separator: ", ")
            return asked ?? .text("Roots: \(names)")
        },
        FixtureTool(prefix + "request_state", "Asks to confirm, and remembers.") { _, request in
            try ask([("confirm", confirm)], request, memory: "state") ?? .text("state-ok")
        },
        FixtureTool(prefix + "tampered_state", "The same, for changed states.") { _, request in
            try ask([("confirm", confirm)], request, memory: "state") ?? .text("state-ok")
        },
        FixtureTool(prefix + "multiple_inputs", "Asks three things at once.") { _, request in
            let questions = [
                ("user_name", name), ("greeting", greeting), ("client_roots", .roots),
            ]
            return try ask(questions, request, memory: "all") ?? .text("All inputs received.")
        },
        FixtureTool(prefix + "multi_round", "Asks twice.") { _, request in
            try rounds(request)
        },
        FixtureTool(prefix + "capabilities", "Asks what the client can answer.") { _, request in
            let questions = [
                ("user_name", name), ("greeting", greeting), ("client_roots", .roots),
            ].filter { request.capabilities[$0.1.capability]?.object != nil }
            guard !questions.isEmpty else { return .text("Nothing can be asked.") }
            return try ask(questions, request, memory: "some") ?? .text("Enough was answered.")
        },
        FixtureTool("test_streaming_elicitation", "Progress, then a question.") { _, request in
            request.report(progress: 1, total: 2, "about to ask")
            let asked = try ask([("user_name", name)], request, memory: nil)
            return asked ?? .text("Hello, \(text("user_name", "name", request))!")
        },
    ]

    private static func rounds(_ request: OfferRequest) throws -> OfferReply {
        let first = Question.field("Step 1: What is your name?", "name")
        let second = Question.field("Step 2: What is your favorite color?", "color")
        guard let memory = request.memory else {
            return try ask([("step1", first)], request, memory: "1") ?? .failure("no state")
        }
        if memory == "1" {
            if let again = try ask([("step1", first)], request, memory: "1") { return again }
            let name = text("step1", "name", request)
            return .ask(["step2": second.json], memory: "2 \(name)")
        }
        if let again = try ask([("step2", second)], request, memory: memory) { return again }
        let color = text("step2", "color", request)
        return .text("\(memory.dropFirst(2)) likes \(color).")
    }

    /// Asks what is not answered yet; `nil` when everything is.
    ///
    /// - Parameter memory: a state that must come back; then nothing counts without it.
    static func ask(
        _ questions: [(String, Question)], _ request: OfferRequest, memory: String?
    ) throws -> OfferReply? {
        guard request.revision.isModern else { return .failure("This is of the modern era") }
        for (_, question) in questions
        where request.capabilities[question.capability]?.object == nil {
            throw MCPError.missing(.object(JSONObject([.init(question.capability, [:])])))
        }
        let isFirst = memory != nil && request.memory == nil
        let open = questions.filter { key, question in
            isFirst || !question.isAnswered(by: request.responses[key])
        }
        guard !open.isEmpty else { return nil }
        return .ask(
            JSONObject(open.map { JSONObject.Member($0.0, $0.1.json) }), memory: memory)
    }

    static func text(_ key: String, _ field: String, _ request: OfferRequest) -> String {
        request.responses[key]?["content"]?[field]?.string ?? ""
    }
}
