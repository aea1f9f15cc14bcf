import AgentServer
import PeerState

/// Tools whose results are fetched later.
enum TaskTools {
    static let all: [FixtureTool] = [
        FixtureTool("slow_compute", "Sleeps; may become a task.", schema: slow) {
            arguments, request in
            let seconds = max(0, min(arguments["seconds"]?.integer ?? 0, 25))
            let label = arguments["label"]?.string ?? "compute"
            let done: JSONObject = ["content": [Block.text("\(label) took \(seconds) s")]]
            guard seconds > 0 else { return .complete(done) }
            guard request.takesTasks else {
                try await request.pause(.seconds(UInt64(seconds)))
                return .complete(done)
            }
            return .task(
                TaskWork { task in
                    try await task.pause(.seconds(UInt64(seconds)))
                    return done
                })
        },
        FixtureTool("failing_job", "A task that ends with an error result.") { _, request in
            try needTasks(request)
            return .task(
                TaskWork { _ in
                    ["content": [Block.text("The job failed")], "isError": true]
                })
        },
        FixtureTool("protocol_error_job", "A task that fails.") { _, request in
            try needTasks(request)
            return .task(TaskWork { _ in throw MCPError(.internalError, "The job broke") })
        },
        FixtureTool(
            "confirm_delete", "A task that asks once.", schema: FixtureTool.texts(["filename"])
        ) { arguments, request in
            try needTasks(request)
            let file = arguments["filename"]?.string ?? ""
            let question = Question.field("Delete \(file)?", "confirm", type: "boolean")
            return .task(
                TaskWork { task in
                    let answers = try await task.ask(["confirm": question.json])
                    let isAgreed = answers["confirm"]?["content"]?["confirm"]?.bool ?? false
                    let text = isAgreed ? "Deleted \(file)" : "Kept \(file)"
                    return ["content": [Block.text(text)]]
                })
        },
        FixtureTool("multi_input", "A task that asks two things at once.") { _, request in
            try needTasks(request)
            let questions: JSONObject = [
                "first": Question.field("First name?", "name").json,
                "last": Question.field("Last name?", "name").json,
            ]
            return .task(
                TaskWork { task in
                    let answers = try await task.ask(questions)
                    let names = ["first", "last"].map {
                        answers[$0]?["content"]?["name"]?.string ?? "?"
                    }
                    return ["content": [Block.text(names.joined(separator: " "))]]
                })
        },
        FixtureTool("test_tool_with_task", "Asks first, then becomes a task.") { _, request in
            try needTasks(request)
            let question = [("user_name", RoundTools.name)]
            if let asked = try RoundTools.ask(question, request, memory: nil) { return asked }
            let name = RoundTools.text("user_name", "name", request)
            return .task(TaskWork { _ in ["content": [Block.text("Task done for \(name)")]] })
        },
    ]

    private static func needTasks(_ request: OfferRequest) throws {
        guard !request.takesTasks else { return }
        throw MCPError.missing(["extensions": ["io.modelcontextprotocol/tasks": [:]]])
    }

    private static let slow: JSON = [
        "type": "object",
        "properties": ["seconds": ["type": "integer"], "label": ["type": "string"]],
        "required": ["seconds"], "additionalProperties": false,
    ]
}
