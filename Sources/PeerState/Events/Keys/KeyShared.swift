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

    package var subject: Event.ID? { Event.ID(channel) }

    package var edges: [Event.ID] {
        [Event.ID(channel)] + epochs.map { Event.ID($0) }
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        _ = try server.requireChannel(channel, at: place.past)
        for epoch in epochs {
            try server.requireEpoch(epoch, of: channel, at: place)
        }
        try server.requireReader(target, of: channel, at: place.past)
        for epoch in epochs where !server.isRecipient(place.author, of: epoch, at: place.past) {
            throw Failure(.notReader, "the author holds no such key")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addShare(self, event: event, slot: slot)
    }
}
