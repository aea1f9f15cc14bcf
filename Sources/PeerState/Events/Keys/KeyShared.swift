/// Hands keys that its author holds to one more reader, for everybody to see.
package struct KeyShared: EventBody {
    package static let kind: UInt64 = 82
    package static let isSetup = true
    package static let epochsMax = 64

    package let channel: Channel.ID
    package let target: Peer.ID
    package let epochs: [Epoch.ID]
    /// `crypto_box_seal` of the keys in order of `epochs`.
    package let box: [UInt8]

    package init(channel: Channel.ID, target: Peer.ID, epochs: [Epoch.ID], box: [UInt8]) {
        self.channel = channel
        self.target = target
        self.epochs = epochs
        self.box = box
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 4)
        channel = try reader.identifier("channel")
        target = try reader.identifier("to")
        epochs = try reader.identifiers(max: Self.epochsMax, "epochs")
        box = try reader.byteString(
            exactly: ExchangeKey.sealOverhead + 32 * epochs.count, "box")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(4)
        writer.identifier(channel)
        writer.identifier(target)
        writer.identifiers(epochs)
        writer.byteString(box)
    }

    package var edges: [Event.ID] {
        [Event.ID(channel)] + epochs.map { Event.ID($0) }
    }

    package func check(
        in server: borrowing ServerState, at past: Past, event: Event
    ) throws(Failure<RuleCode>) {
        guard server.channels[channel] != nil else { throw Failure(.unknownTarget, "channel") }
        for epoch in epochs where server.epochs[epoch]?.channel != channel {
            throw Failure(.unknownEpoch)
        }
        try server.requireReader(target, of: channel, at: past)
        for epoch in epochs where !server.isRecipient(event.author, of: epoch, at: past) {
            throw Failure(.notReader, "the author holds no such key")
        }
    }

    package func apply(to server: inout ServerState, event: Event) {
        server.addShare(self, event: event)
    }
}
