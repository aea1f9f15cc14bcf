import PeerState

/// Builds the head of one request from its lines, and decides how its body is framed.
struct HTTPHeadReader: Sendable {
    private let method: String
    private let target: String
    private let minorVersion: Int
    private var fields: [HTTPHead.Field] = []
    /// A length that was padded beyond the one space everybody writes.
    private var hasOddLength = false
    /// Header bytes that may still come, line ends included.
    private(set) var bytesLeft = Limits.httpHeaderBytes

    /// - Errors: `badRequestLine`, `badTarget`, `targetTooLong`, `badVersion`.
    init(requestLine line: [UInt8]) throws(HTTPFailure) {
        let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, (1...Limits.httpMethodBytes).contains(parts[0].count),
            parts[0].allSatisfy(HTTPGrammar.isTokenByte)
        else { throw HTTPFailure(.badRequestLine, "METHOD TARGET HTTP/1.1") }
        guard parts[1].count <= Limits.httpTargetBytes else {
            throw HTTPFailure(.targetTooLong, "over \(Limits.httpTargetBytes) bytes")
        }
        method = String(decoding: parts[0], as: UTF8.self)
        let isOrigin = parts[1].first == UInt8(ascii: "/")
        let isAsterisk = parts[1].elementsEqual("*".utf8) && method == "OPTIONS"
        guard isOrigin || isAsterisk, parts[1].allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw HTTPFailure(.badTarget, "a target begins with / and is visible ASCII")
        }
        target = String(decoding: parts[1], as: UTF8.self)
        minorVersion = try Self.minorVersion(parts[2])
    }

    private static func minorVersion(_ text: ArraySlice<UInt8>) throws(HTTPFailure) -> Int {
        let digits = Array(text.dropFirst(5))
        guard text.starts(with: "HTTP/".utf8), digits.count == 3,
            HTTPGrammar.isDigit(digits[0]), digits[1] == UInt8(ascii: "."),
            HTTPGrammar.isDigit(digits[2])
        else { throw HTTPFailure(.badRequestLine, "the version is HTTP/ and two digits") }
        guard digits[0] == UInt8(ascii: "1"), digits[2] <= UInt8(ascii: "1") else {
            throw HTTPFailure(.badVersion, "HTTP/1.0 and HTTP/1.1 are spoken here")
        }
        return Int(digits[2]) - 0x30
    }

    /// - Errors: `badHeader`, `headersTooLarge`.
    mutating func take(_ line: [UInt8]) throws(HTTPFailure) {
        bytesLeft = max(0, bytesLeft - line.count - 2)
        guard fields.count < Limits.httpHeaderCount else {
            throw HTTPFailure(.headersTooLarge, "over \(Limits.httpHeaderCount) headers")
        }
        let (name, raw) = try HTTPGrammar.field(line)
        let value = String(raw.trimmingPadding)
        if name == "content-length" && raw != value && raw != " " + value { hasOddLength = true }
        fields.append(HTTPHead.Field(name: name, value: value))
    }

    /// - Errors: `badHost`, `badLength`, `badTransferCoding`, `badExpectation`, `lengthRequired`,
    ///   `bodyTooLarge`.
    func finish(bodyLimit: Int) throws(HTTPFailure) -> HTTPHead {
        var head = HTTPHead(
            method: method, target: target, minorVersion: minorVersion, fields: fields, body: .none)
        try checkHost(head)
        head.body = try body(head, limit: bodyLimit)
        let expectations = head.values("expect")
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
            throw HTTPFailure(.badExpectation, "only 100-continue is understood")
        }
        head.expectsContinue = !expectations.isEmpty && minorVersion == 1 && head.body != .none
        return head
    }

    private func checkHost(_ head: HTTPHead) throws(HTTPFailure) {
        let hosts = head.values("host")
        guard hosts.count == 1 || (hosts.isEmpty && minorVersion == 0) else {
            throw HTTPFailure(.badHost, "exactly one Host is needed")
        }
    }

    private func body(
        _ head: HTTPHead, limit: Int
    ) throws(HTTPFailure) -> HTTPHead.Body {
        let codings = head.values("transfer-encoding")
        let lengths = head.values("content-length")
        if !codings.isEmpty {
            guard lengths.isEmpty else {
                throw HTTPFailure(.badLength, "Content-Length beside Transfer-Encoding")
            }
            guard minorVersion == 1 else {
                throw HTTPFailure(.badLength, "Transfer-Encoding in HTTP/1.0")
            }
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw HTTPFailure(.badTransferCoding, "only chunked is understood")
            }
            return .chunked
        }
        guard let first = lengths.first else {
            if ["POST", "PUT", "PATCH"].contains(method) {
                throw HTTPFailure(.lengthRequired, "send Content-Length, or chunks")
            }
            return .none
        }
        guard !hasOddLength, lengths.count == 1, !first.isEmpty,
            first.utf8.allSatisfy(HTTPGrammar.isDigit), let length = Int(first)
        else { throw HTTPFailure(.badLength, "Content-Length is one number of bytes") }
        guard length <= limit else {
            throw HTTPFailure(.bodyTooLarge, "the body is over \(limit) bytes")
        }
        return length == 0 ? .none : .sized(length)
    }
}
