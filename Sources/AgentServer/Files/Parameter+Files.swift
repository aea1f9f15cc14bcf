import PeerNode
import PeerState

extension Parameter where Value == [UInt8] {
    /// Bytes as Base64, at most `Limits.filePart` of them.
    static func data(_ name: String) -> Self {
        let schema: JSONObject = [
            "type": "string", "contentEncoding": "base64",
            "maxLength": JSON((Limits.filePart + 2) / 3 * 4),
        ]
        return .required(name, schema, "Base64, up to 256 KiB.") { json in
            guard let text = json.string else {
                throw ToolRefusal.invalid(name, "must be a string of Base64.")
            }
            guard text.utf8.count <= (Limits.filePart + 2) / 3 * 4 else {
                throw ToolRefusal(
                    .tooLarge, "\(name): at most \(Limits.filePart) bytes at once.")
            }
            guard let bytes = Base64.decode(text[...]) else {
                throw ToolRefusal.invalid(name, "must be Base64 with padding.")
            }
            guard bytes.count <= Limits.filePart else {
                throw ToolRefusal(
                    .tooLarge, "\(name): at most \(Limits.filePart) bytes at once.")
            }
            return bytes
        }
    }
}

extension Parameter where Value == FileID {
    static func file(_ name: String) -> Self {
        .required(name, ["type": "string"], "From the file member of a message.") { json in
            guard let id = json.string.flatMap({ FileID($0) }) else {
                throw ToolRefusal.invalid(
                    name, "must be a file id: 64 hexadecimal digits, a dot, a digit.")
            }
            return id
        }
    }
}

extension Parameter where Value == MessageAddress? {
    static func optionalMessage(_ name: String) -> Self {
        .optional(name, ["type": "string"], nil) { try MessageAddress($0, name) }
    }
}
