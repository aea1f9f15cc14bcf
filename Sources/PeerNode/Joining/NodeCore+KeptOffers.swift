import PeerNet
import PeerState

// Offers that wait for an answer outlive a restart: whole, since nobody need bring them again.
extension NodeCore {
    private static func offerSetting(_ server: Server.ID) -> String { "offer/\(server.hex)" }

    /// - Bound: `Limits.offersTotal` rows, each no larger than a frame.
    mutating func keepOffer(_ offer: ReceivedOffer, of server: Server.ID) {
        var writer = CBORWriter()
        writer.array(3)
        writer.identifier(offer.from)
        // The clock of a life means nothing in the next one.
        writer.unsigned(now.wallMilliseconds)
        writer.array(offer.envelopes.count)
        for envelope in offer.envelopes { writer.byteString(envelope) }
        current.batch.settings.append(
            Setting(name: Self.offerSetting(server), value: writer.bytes))
    }

    /// Takes an offer from what is shown and from what is stored; does nothing without one.
    mutating func forgetOffer(_ server: Server.ID) {
        guard offers.removeValue(forKey: server) != nil else { return }
        current.batch.settings.append(Setting(name: Self.offerSetting(server), value: nil))
    }

    mutating func restoreOffer(_ server: some StringProtocol, _ value: [UInt8]) {
        guard let server = Server.ID(hex: server) else { return }
        do {
            var reader = CBORReader(value)
            try reader.array(exactly: 3, "offer")
            let from: Peer.ID = try reader.identifier("from")
            let since = try reader.unsigned("since")
            var envelopes: [[UInt8]] = []
            for _ in 0..<(try reader.array(max: Limits.offerEnvelopes, "envelopes")) {
                envelopes.append(try reader.byteString(max: Limits.maxEnvelope, "envelope"))
            }
            let age = now.wallMilliseconds - min(since, now.wallMilliseconds)
            guard let first = envelopes.first,
                let event = HostedServer.decode(first, of: server),
                let created = event.body as? ServerCreated, age < Limits.offerLife.count
            else {
                current.batch.settings.append(
                    Setting(name: Self.offerSetting(server), value: nil))
                return
            }
            offers[server] = ReceivedOffer(
                from: from, envelopes: envelopes, created: created, author: event.author,
                until: now.monotonic + Milliseconds(Limits.offerLife.count - age))
            syncHandle(.offerKept(server, from: from))
        } catch {
            log.log(.warning, "an offer cannot be read: \(error)")
        }
    }
}
