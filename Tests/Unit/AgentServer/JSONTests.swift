import AgentServer
import PeerState
import Testing

/// HOSTILE H-104 and MCP 1.1: one exact JSON value.
@Suite struct JSONTests {
    private func parse(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

    @Test(arguments: [
        "null", "true", "[]", "{}", "0", "-1", "9007199254740993", "-9223372036854775808",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "1.5", "1e+20",
        #""é😀\n\u0000\"\\""#, #"{"b":1,"a":[{"c":null}],"":2}"#, "[1,[2,[3]]]",
    ])
    func `accepted texts are written back as they were`(text: String) throws {
        #expect(try parse(text).text == text)
    }

    @Test func `numbers keep their kind`() throws {
        #expect(try parse("18446744073709551615") == .unsigned(.max))
        #expect(try parse("18446744073709551616") == .number(18_446_744_073_709_551_616))
        #expect(try parse("-9223372036854775809") == .number(-9_223_372_036_854_775_808))
        #expect(try parse("-0") == .integer(0))
        #expect(try parse("-0.0") == .number(-0.0))
        #expect(try parse("5.0").integer == 5)
        #expect(try parse("5.5").integer == nil)
        #expect(try parse("1e2") == .number(100))
    }

    @Test func `escapes become what they mean`() throws {
        #expect(try parse(#""\u0041\u00e9\ud83d\ude00\/\b\f\r\t""#) == "Aé😀/\u{8}\u{C}\r\t")
        #expect(JSON.string("\u{1}\u{7F}").text == "\"\\u0001\u{7F}\"")
    }

    @Test(arguments: [
        ("", JSONCode.jsonSyntax), ("nul", .jsonSyntax), ("NaN", .jsonSyntax),
        ("Infinity", .jsonSyntax), ("+1", .jsonSyntax), ("01", .jsonSyntax), ("-", .jsonSyntax),
        ("1.", .jsonSyntax), (".5", .jsonSyntax), ("1e", .jsonSyntax), ("'a'", .jsonSyntax),
        ("{a:1}", .jsonSyntax), ("[1,]", .jsonSyntax), (#"{"a":1,}"#, .jsonSyntax),
        ("[1 2]", .jsonSyntax), (#"{"a" 1}"#, .jsonSyntax), ("\"a", .jsonSyntax),
        ("\"\\x\"", .jsonSyntax), ("\"\\u12\"", .jsonSyntax), ("\"a\nb\"", .jsonSyntax),
        ("\u{FEFF}1", .jsonSyntax), ("1\u{0}", .jsonTrailing), ("1 1", .jsonTrailing),
        ("{}{}", .jsonTrailing), ("1e400", .jsonNumber), ("-1e999", .jsonNumber),
        (#"{"a":1,"a":2}"#, .jsonDuplicateKey), (#"{"a":1,"\u0061":2}"#, .jsonDuplicateKey),
        (#""\ud800""#, .jsonEncoding), (#""\udc00""#, .jsonEncoding),
        (#""\ud800\u0041""#, .jsonEncoding), (#""\ud800x""#, .jsonEncoding),
    ])
    func `everything else is refused, and why is said`(text: String, code: JSONCode) {
        #expect(throws: JSONFailure.self) { try parse(text) }
        do {
            _ = try parse(text)
        } catch {
            #expect((error as? JSONFailure)?.code == code)
        }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func `strings that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(throws: JSONFailure.self) { try JSON(parsing: bytes) }
    }

    @Test func `UTF-16 and NUL are refused`() {
        #expect(throws: JSONFailure.self) { try JSON(parsing: [0x7B, 0x00, 0x7D, 0x00]) }
        #expect(throws: JSONFailure.self) { try JSON(parsing: [0xFF, 0xFE, 0x7B, 0x00]) }
        #expect(throws: JSONFailure.self) { try JSON(parsing: [0x00]) }
    }

    @Test func `32 levels are the most`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try parse(nested(32)).text == nested(32))
        for depth in [33, 100_000] {
            #expect(throws: JSONFailure(.jsonDepth, "at byte 32")) { try parse(nested(depth)) }
        }
    }

    @Test func `100,000 values are the most`() throws {
        let most = "[" + String(repeating: "1,", count: 99_998) + "1]"
        #expect(try parse(most).array?.count == 99_999)
        #expect(throws: JSONFailure.self) { try parse("[1," + most.dropFirst()) }
    }

    @Test func `duplicates are found in large objects too`() throws {
        let members = (0..<100).map { "\"k\($0)\":\($0)" }
        #expect(try parse("{\(members.joined(separator: ","))}").object?.members.count == 100)
        #expect(throws: JSONFailure.self) {
            try parse("{\(members.joined(separator: ",")),\"k7\":0}")
        }
    }

    @Test func `members keep their order, setting replaces in place`() {
        var object: JSONObject = ["b": 1, "a": 2]
        object["b"] = 3
        object["c"] = 4
        object["a"] = nil
        #expect(JSON.object(object).text == #"{"b":3,"c":4}"#)
    }

    @Test func `random values survive writing and reading`() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            let value = Self.value(&random, depth: 0)
            #expect(try JSON(parsing: value.encoded) == value)
        }
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> JSON {
        switch random.next() % (depth < 5 ? 8 : 6) {
        case 0: return .null
        case 1: return .bool(random.next() % 2 == 0)
        case 2: return .integer(Int64(bitPattern: random.next()))
        case 3: return JSON(random.next())
        case 4: return .number(Double(Int64(bitPattern: random.next())) / 3)
        case 5:
            let scalars = (0..<random.next() % 9).compactMap { _ in
                Unicode.Scalar(UInt32(random.next() % 0x2FF))
            }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 6: return .array((0..<random.next() % 4).map { _ in value(&random, depth: depth + 1) })
        default:
            return .object(
                JSONObject(
                    (0..<random.next() % 4).map {
                        .init("k\($0)", value(&random, depth: depth + 1))
                    }))
        }
    }
}
