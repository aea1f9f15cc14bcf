import PeerState

/// What a question carries to its answer, sealed so that only this node can have written it.
///
/// - Source: MCP 10, I2 and I3.
struct RequestState: Hashable, Sendable {
    var principal: String
    var tool: String
    /// Digest of the arguments the question was about.
    var arguments: String
    /// Digest of the question.
    var question: String
    var round: Int
    /// 16 random bytes, in hexadecimal; each is accepted once.
    var nonce: String
    /// ms since 1970.
    var expiresAt: UInt64

    private static let version: UInt8 = 1
    private static let nonceBytes = 24

    /// - Parameters: `key` 32 bytes, `salt` 24 random bytes.
    func sealed(key: [UInt8], salt: [UInt8]) -> String {
        let plain: JSON = [
            "p": .string(principal), "t": .string(tool), "a": .string(arguments),
            "q": .string(question), "r": JSON(round), "n": .string(nonce), "e": JSON(expiresAt),
        ]
        let sealed = Cipher.sealX(
            plain.encoded, key: key, nonce: salt, associated: [Self.version])
        return Base64URL.encode([Self.version] + salt + sealed)
    }

    /// Returns `nil` for anything that `sealed` did not make with this key.
    init?(_ text: String, key: [UInt8]) {
        guard text.utf8.count <= Limits.requestStateBytes,
            let bytes = Base64URL.decode(text[...]), bytes.first == Self.version,
            bytes.count > Self.nonceBytes,
            let plain = Cipher.openX(
                Array(bytes.dropFirst(1 + Self.nonceBytes)), key: key,
                nonce: Array(bytes.dropFirst().prefix(Self.nonceBytes)),
                associated: [Self.version])
        else { return nil }
        self.init(plain: plain)
    }

    init(
        principal: String, tool: String, arguments: String, question: String, round: Int,
        nonce: String, expiresAt: UInt64
    ) {
        self.principal = principal
        self.tool = tool
        self.arguments = arguments
        self.question = question
        self.round = round
        self.nonce = nonce
        self.expiresAt = expiresAt
    }

    private init?(plain: [UInt8]) {
        let json: JSON
        do {
            json = try JSON(parsing: plain)
        } catch {
            return nil  // Only this node could have sealed it, and it writes JSON.
        }
        guard let principal = json["p"]?.string, let tool = json["t"]?.string,
            let arguments = json["a"]?.string, let question = json["q"]?.string,
            let round = json["r"]?.integer, let nonce = json["n"]?.string,
            let expiresAt = json["e"]?.integer
        else { return nil }
        self.init(
            principal: principal, tool: tool, arguments: arguments, question: question,
            round: Int(round), nonce: nonce, expiresAt: UInt64(expiresAt))
    }
}
