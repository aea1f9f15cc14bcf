package import PeerState

/// What this node's owner noted about a peer; it never leaves the node.
package struct Contact: Hashable, Sendable {
    /// Empty = none.
    package var nickname = ""
    /// The safety numbers were compared.
    package var isVerified = false
    package var isBlocked = false

    package init() {}

    var isEmpty: Bool { self == Contact() }

    /// - Errors: those of decoding, for bytes that another version wrote.
    init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        var reader = CBORReader(bytes)
        guard try reader.array() >= 3 else { throw reader.wrong("contact") }
        nickname = try reader.text(max: Limits.nickname, "nickname")
        isVerified = try reader.unsigned("verified") == 1
        isBlocked = try reader.unsigned("blocked") == 1
    }

    var bytes: [UInt8] {
        var writer = CBORWriter()
        writer.array(3)
        writer.text(nickname)
        writer.unsigned(isVerified ? 1 : 0)
        writer.unsigned(isBlocked ? 1 : 0)
        return writer.bytes
    }
}

/// What to note; `nil` leaves it as it is.
package struct ContactChange: Hashable, Sendable {
    package var nickname: String?
    package var isVerified: Bool?
    package var isBlocked: Bool?

    package init(nickname: String? = nil, isVerified: Bool? = nil, isBlocked: Bool? = nil) {
        self.nickname = nickname
        self.isVerified = isVerified
        self.isBlocked = isBlocked
    }
}

/// A contact with what is compared before it is marked as verified.
package struct ContactSnapshot: Hashable, Sendable {
    package let peer: Peer.ID
    package let contact: Contact
    /// As it is shown here.
    package let name: String
    package let safetyNumber: String
}

extension Limits {
    package static let nickname = 64
    static let contacts = 10_000
    /// Peers looked at who bear, or bore, names alike; beyond it everybody's key is shown.
    static let namesakes = 64
    /// Bytes of the title that a conversation gets from the names of its people.
    static let directTitle = 100
}
