import AgentServer
import Testing
import peer_agent

/// Comments and trailing commas, and where entries stand.
@Suite struct ConfigurationTextTests {
    @Test(arguments: [
        ("{}", "{}"),
        ("{ \"a\": 1, }", #"{"a":1}"#),
        ("{ // one\n \"a\": [1, 2, /* three */ ], }", #"{"a":[1,2]}"#),
        (#"{ "a": "// no comment, }", }"#, #"{"a":"// no comment, }"}"#),
        (#"{ "a": "quote \" // \\", /* x */ "b": 2 }"#, #"{"a":"quote \" // \\","b":2}"#),
    ])
    func `what people write becomes strict JSON`(_ text: String, _ json: String) throws {
        let read = ConfigurationText(Array(text.utf8))
        #expect(read.json.count == text.utf8.count)
        #expect(try JSON(parsing: read.json).text == json)
    }

    @Test(arguments: [
        "{ \"a\": 1,, }", "{ /* open", "{ \"a\" 1 }", "{ , }", "{ \"a\": \"open }", "/", "\"\\",
    ])
    func `what is no JSON stays none`(_ text: String) {
        #expect(throws: (any Error).self) {
            try JSON(parsing: ConfigurationText(Array(text.utf8)).json)
        }
    }

    @Test func `entries know their lines`() {
        let text = """
            { // head
              "name": "x",
              "mcp": {
                "bind": "a",
                /* two
                   lines */ "scope": "full", "list": [ { "inner": 1 } ],
              },
            }
            """
        let lines = ConfigurationText(Array(text.utf8)).lines()
        #expect(lines == ["name": 2, "mcp": 3, "mcp.bind": 4, "mcp.scope": 6, "mcp.list": 6])
    }

    @Test func `any bytes are read without harm`() {
        var seed: UInt64 = 7
        for _ in 0..<2_000 {
            var bytes: [UInt8] = []
            for _ in 0..<(seed >> 33 % 40) {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(Array("{}[],:\"\\/* \nab1".utf8)[Int(seed >> 33 % 15)])
            }
            seed = seed &* 6_364_136_223_846_793_005 &+ 1
            let text = ConfigurationText(bytes)
            #expect(text.json.count == bytes.count)
            _ = text.lines()
        }
    }
}
