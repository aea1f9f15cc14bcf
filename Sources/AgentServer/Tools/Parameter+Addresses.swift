import PeerState

extension Parameter where Value == ChannelAddress {
    static func channel(_ name: String, _ summary: String? = nil) -> Self {
        .required(name, ["type": "string"], summary) { try ChannelAddress($0, name) }
    }
}

extension Parameter where Value == ChannelAddress? {
    static func optionalChannel(_ name: String, _ summary: String? = nil) -> Self {
        .optional(name, ["type": "string"], summary) { try ChannelAddress($0, name) }
    }
}

extension Parameter where Value == [ChannelAddress]? {
    static func channels(_ name: String) -> Self {
        let schema: JSONObject = [
            "type": "array", "items": ["type": "string"],
            "maxItems": JSON(ChannelAddress.maxInList),
        ]
        return .optional(name, schema, nil) { json in
            try ArgumentReading.texts(json, name, atMost: ChannelAddress.maxInList)
                .map { ChannelAddress(text: $0, field: name) }
        }
    }
}

extension Parameter where Value == MessageAddress {
    static func message(_ name: String, _ summary: String? = nil) -> Self {
        .required(name, ["type": "string"], summary) { try MessageAddress($0, name) }
    }
}

extension Parameter where Value == [MessageAddress] {
    /// Left out = none.
    static func messages(_ name: String, atMost most: Int) -> Self {
        let schema: JSONObject = ["type": "array", "items": ["type": "string"]]
        return Parameter(name, schema, isRequired: false, summary: nil) { given in
            guard let given else { return [] }
            return try ArgumentReading.texts(given, name, atMost: most)
                .map { try MessageAddress(.string($0), name) }
        }
    }
}

extension Parameter where Value == ServerAddress {
    static func server(_ name: String, _ summary: String? = nil) -> Self {
        .required(name, ["type": "string"], summary) { try ServerAddress($0, name) }
    }
}

extension Parameter where Value == ServerAddress? {
    static var optionalServer: Self {
        .optional("server", ["type": "string"], nil) { try ServerAddress($0, "server") }
    }
}

extension Parameter where Value == Peer.ID {
    /// A peer id: acts on people take no names, which can be imitated.
    static func peer(_ name: String, _ summary: String? = nil) -> Self {
        .required(name, ["type": "string"], summary, namesPeers: true) { try peerID($0, name) }
    }

    fileprivate static func peerID(_ json: JSON, _ name: String) throws -> Peer.ID {
        guard let id = json.string.flatMap({ Peer.ID(hex: $0) }) else {
            throw ToolRefusal.invalid(
                name,
                "must be a peer id, or its first 16 digits or more; "
                    + "peer://server/members lists them, as names can be imitated.")
        }
        return id
    }
}

extension Parameter where Value == Peer.ID? {
    static func optionalPeer(_ name: String, _ summary: String? = nil) -> Self {
        .optional(name, ["type": "string"], summary, namesPeers: true) {
            try Parameter<Peer.ID>.peerID($0, name)
        }
    }
}
