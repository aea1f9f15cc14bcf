/// What the holder of a join link knows: it proves itself without being shown to anybody.
///
/// - Source: PROTOCOL 4.5.
package struct LinkSecret: Sendable {
    package static let byteCount = 32
    private let key: SigningKey

    /// Returns `nil` unless there are exactly 32 bytes.
    package init?(_ secret: [UInt8]) {
        guard secret.count == Self.byteCount else { return nil }
        var seed = Sodium.hash("peer-agent/join/1", secret).bytes
        defer { Sodium.wipe(&seed) }
        key = SigningKey(seed: seed)
    }

    /// The half that the log may hold.
    package var publicKey: LinkIssued.Key { LinkIssued.Key(key.publicKey) }

    /// Asks for `target` to be admitted; worth nothing to anybody else.
    package func claim(server: Server.ID, link: Event.ID, target: Peer.ID) -> Signature {
        key.sign(ServerState.claim(server: server, link: link, target: target))
    }
}
