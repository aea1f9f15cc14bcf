import AgentServer
import PeerState
import Testing

/// The strict reading of requests. The comparison with another parser is in `Tests/Clients`.
@Suite struct HTTPParserTests {
    enum Found: Equatable {
        case events([HTTPParser.Event])
        case failure(HTTPCode, after: Int)
    }

    static func parse(_ parts: [[UInt8]]) -> Found {
        var parser = HTTPParser()
        var events: [HTTPParser.Event] = []
        for part in parts {
            parser.push(part)
            do throws(HTTPFailure) {
                while let event = try parser.next() { events.append(event) }
            } catch {
                return .failure(error.code, after: events.count)
            }
        }
        return .events(events)
    }

    static func parse(_ text: String) -> Found { parse([Array(text.utf8)]) }

    static let samples = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\nGET /x?y=%20 HTTP/1.0\r\n\r\n",
        "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
            + "helloGET / HTTP/1.1\r\nHost:b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2;x=\"y\"\r\nhe\r\n3\r\nllo\r\n0\r\nAfter: all\r\n\r\n"
            + "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhex\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/3.0\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n",
    ]

    @Test(arguments: samples) func `any split gives one parse`(text: String) {
        let bytes = Array(text.utf8)
        let whole = Self.parse([bytes])
        #expect(Self.parse(bytes.map { [$0] }) == whole)
        for cut in 0...bytes.count {
            #expect(Self.parse([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
        }
    }

    @Test func `long lines fail alike however they arrive`() {
        let cases: [([UInt8], HTTPCode)] = [
            (Array("GET /".utf8) + [UInt8](repeating: 97, count: 3_000), .targetTooLong),
            (
                Array("GET / HTTP/1.1\r\nA: ".utf8) + [UInt8](repeating: 97, count: 20_000),
                .headersTooLarge
            ),
        ]
        for (bytes, code) in cases {
            #expect(Self.parse([bytes]) == .failure(code, after: 0))
            #expect(Self.parse(bytes.map { [$0] }) == .failure(code, after: 0))
            #expect(Self.parse([bytes + [13, 10, 13, 10]]) == .failure(code, after: 0))
        }
    }

    @Test func `a request is read as it was written`() {
        let text =
            "POST /mcp?a=b HTTP/1.1\r\nHOST: x\r\nX-Two:  a b \t\r\nContent-Length: 2\r\n\r\nhi"
        guard case .events(let events) = Self.parse(text), case .head(let head) = events.first
        else {
            Issue.record("not read")
            return
        }
        #expect(events.count == 2 && events.last == .body(Array("hi".utf8)))
        #expect(head.method == "POST" && head.path == "/mcp" && head.query == "a=b")
        #expect(head.value("host") == "x" && head.value("x-two") == "a b")
        #expect(head.body == .sized(2) && head.keepsAlive)
    }

    static let refusals: [(String, HTTPCode)] = [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", .badLength),
        ("Content-Length: 5\r\nContent-Length: 6", .badLength),
        ("Content-Length: 5\r\nContent-Length: 5", .badLength),
        ("Content-Length: 5, 5", .badLength), ("Content-Length: +5", .badLength),
        ("Content-Length:  5", .badLength), ("Content-Length: ", .badLength),
        ("Content-Length: 18446744073709551616", .badLength),
        ("Content-Length: 4194305", .bodyTooLarge), ("A: b", .lengthRequired),
        ("Transfer-Encoding: gzip, chunked", .badTransferCoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .badTransferCoding),
        ("Transfer-Encoding : chunked", .badHeader), ("Transfer-Encoding:\u{b}chunked", .badHeader),
        (": a", .badHeader), ("A\u{7f}: b", .badHeader), ("A b: c", .badHeader),
        ("Host: b", .badHost), ("Expect: more\r\nContent-Length: 1", .badExpectation),
    ]

    @Test(arguments: refusals) func `framing that can be read in two ways is refused`(
        fields: String, code: HTTPCode
    ) {
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(Self.parse(text) == .failure(code, after: 0))
    }

    @Test func `headers have a bound in number and size`() {
        let head = "GET / HTTP/1.1\r\nHost: a\r\n"
        let few = head + String(repeating: "a: b\r\n", count: 99) + "\r\n"
        let many = head + String(repeating: "a: b\r\n", count: 100) + "\r\n"
        guard case .events(let events) = Self.parse(few) else {
            Issue.record("100 headers are allowed")
            return
        }
        #expect(events.count == 2)
        #expect(Self.parse(many) == .failure(.headersTooLarge, after: 0))
    }

    @Test func `chunks together stay under the bound of a body`() {
        var parser = HTTPParser(bodyLimit: 10)
        parser.push(Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
        parser.push(Array("6\r\nabcdef\r\n5\r\n".utf8))
        let failure = #expect(throws: HTTPFailure.self) { while try parser.next() != nil {} }
        #expect(failure?.code == .bodyTooLarge && failure?.code.status == 413)
        // Nothing after a failure is looked at.
        parser.push(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(throws: HTTPFailure.self) { try parser.next() }
        #expect(parser.bufferedBytes == 0)
    }
}
