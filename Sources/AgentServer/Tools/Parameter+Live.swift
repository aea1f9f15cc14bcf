import PeerNode
import PeerState

extension Parameter where Value == PresenceMode {
    static func presenceMode(_ name: String) -> Self {
        let words = PresenceMode.allCases.map(\.rawValue)
        return .required(name, ["type": "string", "enum": JSON(words)], nil) { json in
            guard let mode = json.string.flatMap(PresenceMode.init(rawValue:)) else {
                throw ToolRefusal.invalid(
                    name, "must be one of \(words.joined(separator: ", ")).")
            }
            return mode
        }
    }
}

extension Parameter where Value == VoiceSignal.Kind {
    static func signalKind(_ name: String) -> Self {
        let words = VoiceSignal.Kind.allCases.map(\.word)
        return .required(name, ["type": "string", "enum": JSON(words)], nil) { json in
            guard let kind = json.string.flatMap({ VoiceSignal.Kind(word: $0) }) else {
                throw ToolRefusal.invalid(
                    name, "must be one of \(words.joined(separator: ", ")).")
            }
            return kind
        }
    }
}

extension Parameter where Value == String {
    /// A connection description, passed on as it is: its lines end in carriage returns.
    static func signal(_ name: String) -> Self {
        let schema: JSONObject = ["type": "string", "maxLength": JSON(Limits.maxSignal)]
        return .required(name, schema, nil) { json in
            guard let text = json.string else {
                throw ToolRefusal.invalid(name, "must be a string.")
            }
            guard text.utf8.count <= Limits.maxSignal else {
                throw ToolRefusal(
                    .tooLarge,
                    "\(name): has \(text.utf8.count) bytes; \(Limits.maxSignal) are allowed.")
            }
            guard VoiceSignal.isPlain(text) else {
                throw ToolRefusal.invalid(name, "must not hold control characters.")
            }
            return text
        }
    }
}

extension Parameter where Value == [UInt8]? {
    /// The id of a text that is being written: 32 hexadecimal digits.
    static func stream(_ name: String, _ summary: String? = nil) -> Self {
        .optional(name, ["type": "string"], summary) { json in
            guard let bytes = json.string.flatMap({ [UInt8](hex: $0) }),
                bytes.count == StreamDelta.streamByteCount
            else {
                throw ToolRefusal.invalid(
                    name, "must be a stream_id of send_partial: 32 hexadecimal digits.")
            }
            return bytes
        }
    }
}
