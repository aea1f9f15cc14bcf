import PeerNode
import PeerState

extension Parameter where Value == [Peer.ID] {
    /// Peer ids, one to seven.
    static func peers(_ name: String) -> Self {
        let most = ServerCreated.participantsMax - 1
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string"], "minItems": 1, "maxItems": JSON(most),
        ]
        return .required(name, schema, nil, namesPeers: true) { json in
            let texts = try ArgumentReading.texts(json, name, atMost: most)
            guard !texts.isEmpty else { throw ToolRefusal.invalid(name, "must not be empty.") }
            return try texts.map { text in
                guard let id = Peer.ID(hex: text) else {
                    throw ToolRefusal.invalid(
                        name, "must hold peer ids, or the first 16 digits of each.")
                }
                return id
            }
        }
    }
}

extension Parameter where Value == String? {
    /// Empty takes it away.
    static var nickname: Self {
        let schema: JSONObject = ["type": "string", "maxLength": 64]
        return .optional("nickname", schema, nil) {
            try ArgumentReading.text($0, "nickname", bytes: 0...64)
        }
    }
}

extension Parameter where Value == Bool? {
    /// Left out = as it is.
    static func optionalFlag(_ name: String) -> Self {
        .optional(name, ["type": "boolean"], nil) { try ArgumentReading.flag($0, name) }
    }
}
