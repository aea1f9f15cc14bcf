import AgentKit
import Foundation
import Testing

/// The JSON of bots.
@Suite struct ValueTests {
    @Test(arguments: [
        "null", "true", "7", "-9007199254740993", "1.5", #""text \u00e9""#, "[1,[],{}]",
        #"{"a":{"b":[null,false,"x"]}}"#,
    ])
    func `a value survives being written and read`(_ text: String) throws {
        let value = try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        let again = try JSONDecoder().decode(
            Value.self, from: try JSONEncoder().encode(value))
        #expect(again == value)
    }

    @Test func `integers stay exact`() throws {
        let value = try JSONDecoder().decode(Value.self, from: Data("9007199254740993".utf8))
        #expect(value == .integer(9_007_199_254_740_993))
    }

    @Test func `a message needs an id, a text and a channel`() {
        let whole: Value = [
            "id": "aa", "text": "hi", "channel_id": "cc", "from": "bob", "mention": true,
        ]
        #expect(Message(whole)?.author == "bob" && Message(whole)?.isMention == true)
        #expect(Message(["id": "aa", "text": "hi"]) == nil)
    }

    @Test func `nobody there is an error that says what to do`() async throws {
        await #expect {
            _ = try await Agent.connect(dataDirectory: "/nonexistent")
        } throws: { error in
            "\(error)".contains("peer-agent run")
        }
        await #expect(throws: AgentError.self) {
            _ = try await Agent.spawn(program: "/nonexistent/peer-agent")
        }
    }
}
