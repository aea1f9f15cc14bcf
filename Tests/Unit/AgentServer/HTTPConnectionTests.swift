import AgentServer
import PeerState
import Testing

/// One connection as a value: order, refusals, time and its end.
@Suite struct HTTPConnectionTests {
    static let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    static let start = Instant.zero

    struct Rig {
        var connection = HTTPConnection(now: HTTPConnectionTests.start)
        var refuses: String?

        mutating func push(_ text: String, at seconds: UInt64 = 0) -> [HTTPConnection.Effect] {
            input(.bytes(Array(text.utf8)), at: seconds)
        }

        mutating func input(
            _ input: HTTPConnection.Input, at seconds: UInt64 = 0
        ) -> [HTTPConnection.Effect] {
            connection.handle(input, now: Self.time(seconds), admit: admit)
        }

        mutating func answer(_ body: String, at seconds: UInt64 = 0) -> [HTTPConnection.Effect] {
            connection.answer(.text(200, body), now: Self.time(seconds), admit: admit)
        }

        var admit: (HTTPHead) -> HTTPResponse? {
            { [refuses] in $0.path == refuses ? HTTPResponse(403) : nil }
        }

        static func time(_ seconds: UInt64) -> Instant {
            HTTPConnectionTests.start + Milliseconds.seconds(seconds)
        }
    }

    static func text(_ effects: [HTTPConnection.Effect]) -> String {
        effects.map { effect in
            switch effect {
            case .write(let bytes): String(decoding: bytes, as: UTF8.self)
            case .begin(let request): "<\(request.head.path)>"
            case .finish: "<finish>"
            case .abandoned: "<abandoned>"
            case .refused(let code): "<\(code.word)>"
            case .pauseReading: "<pause>"
            case .resumeReading: "<resume>"
            }
        }.joined()
    }

    @Test func `requests are begun one by one, in order`() {
        var rig = Rig()
        let second = Self.get.replacing("/a", with: "/b")
        #expect(Self.text(rig.push(Self.get + second)) == "</a>")
        let answered = Self.text(rig.answer("one"))
        #expect(answered.hasPrefix("HTTP/1.1 200 OK\r\n") && answered.hasSuffix("\r\n\r\none</b>"))
        #expect(!Self.text(rig.answer("two")).contains("<finish>"))
        #expect(rig.connection.isIdle)
    }

    @Test(arguments: [
        "GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n",
    ])
    func `a connection ends after the answer when it is to`(request: String) {
        var rig = Rig()
        #expect(Self.text(rig.push(request + Self.get)) == "</a>")
        let answered = Self.text(rig.answer("x"))
        #expect(answered.contains("Connection: close") && answered.hasSuffix("<finish>"))
        #expect(rig.push(Self.get).isEmpty)
    }

    @Test func `a refused body is never taken for a request`() {
        var rig = Rig(refuses: "/a")
        let post = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + Self.get
        let answered = Self.text(rig.push(post))
        #expect(answered.hasPrefix("HTTP/1.1 403 ") && answered.hasSuffix("<finish>"))
        #expect(!answered.contains("</a>"))
        // Without a body the connection may go on.
        var other = Rig(refuses: "/a")
        #expect(!Self.text(other.push(Self.get)).contains("<finish>"))
    }

    @Test func `a body is asked for only when it will be read`() {
        let head =
            "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
        var rig = Rig()
        #expect(Self.text(rig.push(head)) == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(Self.text(rig.push("x")) == "</a>")
        var refusing = Rig(refuses: "/a")
        #expect(!Self.text(refusing.push(head)).contains("100 Continue"))
    }

    @Test func `each part of a request has its time`() {
        var slowHead = Rig()
        _ = slowHead.push("GET /", at: 1)
        #expect(slowHead.input(.tick, at: 10).isEmpty)
        #expect(Self.text(slowHead.input(.tick, at: 11)).hasPrefix("<requestTimeout>HTTP/1.1 408"))

        var slowBody = Rig()
        _ = slowBody.push("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n", at: 1)
        #expect(slowBody.input(.tick, at: 30).isEmpty)
        #expect(Self.text(slowBody.input(.tick, at: 31)).contains(" 408 "))

        var idle = Rig()
        _ = idle.push(Self.get)
        _ = idle.answer("", at: 5)
        #expect(idle.input(.tick, at: 79).isEmpty)
        #expect(Self.text(idle.input(.tick, at: 80)) == "<finish>")

        var answering = Rig()
        _ = answering.push(Self.get)
        #expect(answering.input(.tick, at: 1_000).isEmpty)
    }

    @Test func `a stream is cut into chunks and ends`() {
        var rig = Rig()
        _ = rig.push(Self.get)
        #expect(Self.text(rig.connection.beginStream(HTTPResponse(200))).contains("chunked"))
        #expect(Self.text(rig.connection.send(Array("hello".utf8))) == "5\r\nhello\r\n")
        let end = rig.connection.endStream(now: Self.start, admit: rig.admit)
        #expect(Self.text(end) == "0\r\n\r\n" && rig.connection.isIdle)

        var old = Rig()
        _ = old.push("GET /a HTTP/1.0\r\n\r\n")
        #expect(!Self.text(old.connection.beginStream(HTTPResponse(200))).contains("chunked"))
        #expect(Self.text(old.connection.send(Array("hello".utf8))) == "hello")
        #expect(
            Self.text(old.connection.endStream(now: Self.start, admit: old.admit)) == "<finish>")
    }

    @Test func `a client that leaves while it is answered is noticed`() {
        var rig = Rig()
        _ = rig.push(Self.get)
        #expect(Self.text(rig.input(.endOfInput)) == "<abandoned><finish>")
        #expect(rig.answer("too late").isEmpty)
        var idle = Rig()
        #expect(Self.text(idle.input(.endOfInput)) == "<finish>")
    }

    @Test func `a flood of requests makes the reader pause`() {
        var rig = Rig()
        _ = rig.push(Self.get)
        let flood = String(
            repeating: Self.get, count: Limits.httpPipelineBytes / Self.get.count + 1)
        #expect(Self.text(rig.push(flood)) == "<pause>")
        #expect(Self.text(rig.answer("")).hasSuffix("<resume></a>"))
    }

    @Test func `what the parser refuses gets its status and the end`() {
        var rig = Rig()
        let effects = Self.text(rig.push("GET / HTTP/1.1\r\n\r\n" + Self.get))
        #expect(effects.hasPrefix("<badHost>HTTP/1.1 400 ") && effects.hasSuffix("<finish>"))
    }
}
