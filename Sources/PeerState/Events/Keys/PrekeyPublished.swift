/// Publishes the X25519 key to which others seal channel keys for the author.
package struct PrekeyPublished: EventBody {
    package static let kind: UInt64 = 80
    package static let isSetup = true

    package let key: Exchange.PublicKey

    package init(key: Exchange.PublicKey) {
        self.key = key
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        key = try reader.identifier("prekey")
        if key.isLowOrder { throw reader.wrong("prekey of low order") }
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(key)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.prekeys[event.author, default: []].append(
            Prekey(slot: slot, event: event.id, seq: event.seq, key: key))
    }
}
