/// Tells everybody that an epoch's key is wrong, or that the author could not open it.
package struct KeyFaulted: EventBody {
    package static let kind: UInt64 = 83
    package static let isSetup = true

    package enum Reason: UInt64, Sendable {
        /// The key does not match its commitment; nobody sends under that epoch any more.
        case commitMismatch = 0
        /// The box did not open; asks for a share.
        case cannotOpen = 1
    }

    package let channel: Channel.ID
    package let epoch: Epoch.ID
    package let reason: Reason

    package init(channel: Channel.ID, epoch: Epoch.ID, reason: Reason) {
        self.channel = channel
        self.epoch = epoch
        self.reason = reason
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 3)
        channel = try reader.identifier("channel")
        epoch = try reader.identifier("epoch")
        guard let reason = Reason(rawValue: try reader.unsigned("reason")) else {
            throw reader.wrong("reason")
        }
        self.reason = reason
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(3)
        writer.identifier(channel)
        writer.identifier(epoch)
        writer.unsigned(reason.rawValue)
    }

    package var subject: Event.ID? { Event.ID(channel) }

    package var edges: [Event.ID] { [Event.ID(channel), Event.ID(epoch)] }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        _ = try server.requireChannel(channel, at: place.past)
        try server.requireEpoch(epoch, of: channel, at: place)
        guard server.isRecipient(place.author, of: epoch, at: place.past) else {
            throw Failure(.notReader, "the author holds no such key")
        }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.epochs[epoch]?.faults.append((slot, reason))
    }
}
