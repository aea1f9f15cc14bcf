import AgentServer
import Testing
import peer_agent

/// What a person types into the chat, and how messages look there.
@Suite struct ChatLineTests {
    @Test(arguments: [
        ("hello", ChatCommandLine.post("hello")),
        ("  ", .nothing),
        ("//not a command", .post("/not a command")),
        ("/join #ops", .join("#ops")),
        ("/dm @bob", .direct("@bob")),
        ("/react 👍", .react(reference: nil, emoji: "👍")),
        ("/react 3 👍", .react(reference: "3", emoji: "👍")),
        ("/reply 12  yes, of course ", .reply(reference: "12", text: "yes, of course")),
        ("/edit 4 better", .edit(reference: "4", text: "better")),
        ("/delete 4", .delete(reference: "4")),
        ("/who", .who), ("/quit", .quit), ("/more", .more), ("/confirm", .confirm),
        ("/reply 12", .wrong("write /reply N TEXT")),
        ("/jion x", .wrong("did you mean /join?")),
        ("/", .wrong("/help shows the commands")),
    ])
    func `lines are understood`(_ line: String, _ command: ChatCommandLine) {
        #expect(ChatCommandLine(line) == command)
    }

    @Test func `every command of the help is understood`() {
        for entry in ChatCommandLine.table {
            let words = entry.words.filter { !"[]".contains($0) }
            let line = ChatCommandLine("/\(entry.name) \(words)")
            if case .wrong(let advice) = line { Issue.record("/\(entry.name): \(advice)") }
        }
    }

    @Test func `numbers stand for messages, the newest when none is given`() {
        var numbers = ChatNumbers()
        let ids = (0..<3).map { String(repeating: "\($0)", count: 64) }
        #expect(ids.map { numbers.number(of: $0) } == [1, 2, 3])
        #expect(numbers.number(of: ids[1]) == 2)
        #expect(numbers.id("2") == ids[1] && numbers.id("#3") == ids[2])
        #expect(numbers.id(nil) == ids[2])
        #expect(numbers.id("9") == nil && numbers.id("bob") == nil)
        #expect(numbers.id(ids[0]) == ids[0])
    }

    @Test func `the numbers that are remembered are bounded`() {
        var numbers = ChatNumbers()
        for count in 1...5_000 { _ = numbers.number(of: "\(count)") }
        #expect(numbers.id("1") == nil && numbers.id("5000") == "5000")
    }

    @Test func `a message whose key is missing says so`() throws {
        var json: JSONObject = [
            "id": .string(String(repeating: "a", count: 64)), "at": "2026-01-31T12:34:56Z",
            "from": "ann", "text": "", "channel": "ops",
        ]
        #expect(try #require(ShownMessage(.object(json))).text.isEmpty)
        json.append("unreadable", "no_key")
        let message = try #require(ShownMessage(.object(json)))
        let style = ChatStyle(hasColour: false)
        for line in [message.line(), style.line(message, number: 1, replyNumber: nil)] {
            #expect(line.contains("ann") && line.contains("[no key for this message]"))
        }
    }

    @Test func `a hostile message is shown, and acts on nothing`() throws {
        let json: JSON = [
            "id": .string(String(repeating: "a", count: 64)), "at": "2026-01-31T12:34:56Z",
            "from": "eve\u{1b}[2J", "text": "x\u{1b}]0;title\u{7}\nnext", "channel": "ops\u{7}",
        ]
        let message = try #require(ShownMessage(json))
        let style = ChatStyle(hasColour: false)
        for line in [
            message.line(showsChannel: true),
            style.line(message, number: 1, replyNumber: nil),
        ] {
            #expect(!line.unicodeScalars.contains { $0.value == 0x1B || $0.value == 7 })
            #expect(line.contains("12:34") && line.contains("next"))
        }
    }
}
