import PeerState

/// Reads one strict JSON text (RFC 8259) and remembers how its top-level `id` was written.
///
/// - Errors: `JSONCode` with the byte offset. Refuses duplicate keys, lone surrogates, bytes after
///   the value, a byte order mark and numbers that overflow.
/// - Bound: nesting and number of values by `JSONLimits`.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private var place = 0
    private var depth = 0
    private var nodes = 0
    private(set) var idRange: Range<Int>?

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Reads the whole text.
    mutating func text() throws(JSONFailure) -> JSON {
        skipSpace()
        let value = try value()
        skipSpace()
        guard place == bytes.count else { throw fail(.jsonTrailing) }
        return value
    }

    private mutating func value() throws(JSONFailure) -> JSON {
        nodes += 1
        guard nodes <= limits.nodes else { throw fail(.jsonNodes) }
        switch peek {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws(JSONFailure) -> JSON {
        try enter()
        var members: [JSONObject.Member] = []
        var seen: Set<String> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return leave(.object(JSONObject())) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw fail(.jsonSyntax) }
            let key = try string()
            guard isNew(key, members, &seen) else { throw fail(.jsonDuplicateKey) }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fail(.jsonSyntax) }
            skipSpace()
            let start = place
            members.append(.init(key, try value()))
            if depth == 1 && key == "id" { idRange = start..<place }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw fail(.jsonSyntax) }
        return leave(.object(JSONObject(members)))
    }

    /// Small objects are scanned; a set takes over before scanning could cost.
    private func isNew(
        _ key: String, _ members: [JSONObject.Member], _ seen: inout Set<String>
    ) -> Bool {
        let scanned = 16
        if members.count < scanned { return !members.contains { $0.key == key } }
        if members.count == scanned { seen = Set(members.map(\.key)) }
        return seen.insert(key).inserted
    }

    private mutating func array() throws(JSONFailure) -> JSON {
        try enter()
        var items: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return leave(.array([])) }
        repeat {
            skipSpace()
            items.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw fail(.jsonSyntax) }
        return leave(.array(items))
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONFailure) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw fail(.jsonSyntax) }
        }
        return value
    }

    private mutating func enter() throws(JSONFailure) {
        depth += 1
        guard depth <= limits.depth else { throw fail(.jsonDepth) }
        place += 1
    }

    private mutating func leave(_ value: JSON) -> JSON {
        depth -= 1
        return value
    }

    /// The next byte, or 0 at the end: NUL is an error wherever it stands, so they need no telling
    /// apart.
    private var peek: UInt8 { place < bytes.count ? bytes[place] : 0 }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        place += 1
        return true
    }

    private mutating func skipSpace() {
        while peek == 0x20 || peek == 0x0A || peek == 0x0D || peek == 0x09 { place += 1 }
    }

    private func fail(_ code: JSONCode) -> JSONFailure {
        JSONFailure(code, "at byte \(place)")
    }
}

extension JSONParser {
    /// Reads a string from its opening quote, checking UTF-8.
    private mutating func string() throws(JSONFailure) -> String {
        place += 1
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                return try checked(UnsafeBufferPointer(rebasing: bytes[start..<place]))
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw fail(.jsonSyntax)
            default: place += 1
            }
        }
        throw fail(.jsonSyntax)
    }

    /// The slower way, for strings that hold a backslash.
    private mutating func escapedString(from start: Int) throws(JSONFailure) -> String {
        var content = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return try checked(content)
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw fail(.jsonSyntax)
            default: content.append(byte)
            }
        }
        throw fail(.jsonSyntax)
    }

    private func checked(_ bytes: some Collection<UInt8>) throws(JSONFailure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw fail(.jsonEncoding)
        }
        return text
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONFailure) {
        let letter = peek
        place += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw fail(.jsonSyntax)
        }
    }

    private mutating func escapedScalar() throws(JSONFailure) -> Unicode.Scalar {
        let first = try hexUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw fail(.jsonEncoding)
        }
        let second = try hexUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(
                0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { throw fail(.jsonEncoding) }
        return scalar
    }

    private mutating func hexUnit() throws(JSONFailure) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            switch peek {
            case 48...57: unit = unit << 4 | UInt16(peek - 48)
            case 97...102: unit = unit << 4 | UInt16(peek - 87)
            case 65...70: unit = unit << 4 | UInt16(peek - 55)
            default: throw fail(.jsonSyntax)
            }
            place += 1
        }
        return unit
    }
}

extension JSONParser {
    private mutating func number() throws(JSONFailure) -> JSON {
        let start = place
        let isNegative = take(UInt8(ascii: "-"))
        let digitsStart = place
        guard digits() > 0 else { throw fail(.jsonSyntax) }
        if bytes[digitsStart] == UInt8(ascii: "0") && place > digitsStart + 1 {
            throw fail(.jsonSyntax)
        }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            guard digits() > 0 else { throw fail(.jsonSyntax) }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw fail(.jsonSyntax) }
        }
        if isWhole, let exact = wholeNumber(digitsStart, isNegative) { return exact }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw fail(.jsonNumber) }
        return .number(value)
    }

    private mutating func digits() -> Int {
        let start = place
        while (48...57).contains(peek) { place += 1 }
        return place - start
    }

    /// `nil` when 64 bits are not enough.
    private func wholeNumber(_ start: Int, _ isNegative: Bool) -> JSON? {
        var magnitude: UInt64 = 0
        for index in start..<place {
            let (shifted, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(bytes[index] - 48))
            guard !overflow && !carry else { return nil }
            magnitude = sum
        }
        guard isNegative else { return JSON(magnitude) }
        guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
        return .integer(Int64(truncatingIfNeeded: 0 &- magnitude))
    }
}

extension JSON {
    /// Reads a whole text.
    ///
    /// - Errors: `JSONCode`.
    package init(
        parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONFailure) {
        self = try Self.parsing(bytes, limits: limits).value
    }

    /// Reads a whole text, and says where its top-level member `id` stands.
    static func parsing(
        _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
    ) throws(JSONFailure) -> (value: JSON, idRange: Range<Int>?) {
        let result = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer, limits: limits)
            return Result { () throws(JSONFailure) in try parser.text() }
                .map { ($0, parser.idRange) }
        }
        return try result.get()
    }
}
