/// The secret half of a published prekey.
package struct PrekeyRow: Hashable, Sendable {
    package let server: Server.ID
    /// The event that published it; `nil` until there is one.
    package let event: Event.ID?
    package let publicKey: Exchange.PublicKey
    package let secret: [UInt8]
    package let createdAtMilliseconds: UInt64

    package init(
        server: Server.ID, event: Event.ID?, publicKey: Exchange.PublicKey, secret: [UInt8],
        createdAtMilliseconds: UInt64
    ) {
        self.server = server
        self.event = event
        self.publicKey = publicKey
        self.secret = secret
        self.createdAtMilliseconds = createdAtMilliseconds
    }
}
