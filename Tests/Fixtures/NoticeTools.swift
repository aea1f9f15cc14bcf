import AgentServer
import PeerState

/// Tools that say something before they answer.
enum NoticeTools {
    static let all: [FixtureTool] = [
        FixtureTool("test_tool_with_logging", "Three log messages, then text.") { _, request in
            request.log(.info, "Tool execution started")
            try await request.pause(50)
            request.log(.info, "Tool processing data")
            try await request.pause(50)
            request.log(.info, "Tool execution completed")
            return .text("Tool with logging executed successfully")
        },
        FixtureTool("test_logging_tool", "One log message, when it is wanted.") { _, request in
            request.log(.info, "Logging tool called")
            return .text("Logging tool executed")
        },
        FixtureTool("test_tool_with_progress", "0, 50 and 100 of 100.") { _, request in
            for progress in [0, 50, 100] {
                request.report(progress: progress, total: 100, "\(progress) of 100")
                if progress < 100 { try await request.pause(50) }
            }
            return .text("Tool with progress executed successfully")
        },
        FixtureTool("test_reconnection", "Closes the stream before it answers.") { _, request in
            request.disconnect()
            try await request.pause(100)
            return .text("Reconnection test completed")
        },
        FixtureTool("test_trigger_tool_change", "Adds a tool.") { _, _ in .text("") },
        FixtureTool("test_trigger_prompt_change", "Adds a prompt.") { _, _ in .text("") },
    ]
}
