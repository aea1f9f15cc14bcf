import AgentServer
import Testing
import peer_agent

/// Log lines for programs.
@Suite struct JSONLogTests {
    @Test(arguments: [
        (
            "peer-agent warning: the disk: full",
            #"{"at_ms":5,"level":"warning","message":"the disk: full"}"#
        ),
        ("odd", #"{"at_ms":5,"level":"odd","message":"odd"}"#),
    ])
    func `a line becomes one object`(_ line: String, _ json: String) {
        #expect(JSONLog.object(line, at: 5).text == json)
    }
}
