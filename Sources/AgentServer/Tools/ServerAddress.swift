import PeerState

/// A server as an argument names it: an id, a prefix of one, or a name that only one has here.
package struct ServerAddress: Hashable, Sendable {
    package var text: String
    package var field: String

    init(text: String, field: String) {
        self.text = text
        self.field = field
    }

    init(_ json: JSON, _ field: String) throws {
        text = try ArgumentReading.text(json, field, bytes: 1...256)
        self.field = field
    }
}
