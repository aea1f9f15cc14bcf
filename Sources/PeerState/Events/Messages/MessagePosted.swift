/// Puts an encrypted message into a channel; its id is the event's.
package struct MessagePosted: EventBody {
    package static let kind: UInt64 = 60
    package static let blobsMax = 64

    package let channel: Channel.ID
    package let sealed: SealedBody
    package let parent: Event.ID?
    /// Chunk ids and ciphertext sizes, in clear for keepers without the key.
    package let blobs: [BlobName]
    package let agent: AgentFields?

    package struct BlobName: Hashable, Sendable {
        package let chunk: Digest.Value
        package let size: UInt64

        package init(chunk: Digest.Value, size: UInt64) {
            self.chunk = chunk
            self.size = size
        }
    }

    package init(
        channel: Channel.ID, sealed: SealedBody, parent: Event.ID?, blobs: [BlobName] = [],
        causes: [Event.ID] = []
    ) {
        self.channel = channel
        self.sealed = sealed
        self.parent = parent
        self.blobs = blobs
        agent = causes.isEmpty ? nil : AgentFields(causes: causes)
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 7)
        channel = try reader.identifier("channel")
        sealed = try SealedBody(from: &reader, ciphertextMax: Limits.maxCiphertext)
        parent = try reader.optionalIdentifier("parent")
        let count = try reader.array(max: Self.blobsMax, "blobs")
        var blobs: [BlobName] = []
        for _ in 0..<count {
            try reader.array(exactly: 2, "blob")
            blobs.append(
                BlobName(chunk: try reader.identifier("chunk"), size: try reader.unsigned()))
        }
        self.blobs = blobs
        agent = try reader.isNull() ? nil : try AgentFields(from: &reader)
        if let model = agent?.model { try TextRule.plain.check(model, "model") }
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(7)
        writer.identifier(channel)
        sealed.write(to: &writer)
        writer.optional(parent) { $0.identifier($1) }
        writer.array(blobs.count)
        for blob in blobs {
            writer.array(2)
            writer.identifier(blob.chunk)
            writer.unsigned(blob.size)
        }
        writer.optional(agent) { $1.write(to: &$0) }
    }

    package var subject: Event.ID? { Event.ID(channel) }

    package var edges: [Event.ID] {
        var result = [Event.ID(channel), Event.ID(sealed.epoch)]
        if let parent { result.append(parent) }
        if let agent { result += agent.causes }
        return result
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let record = try server.requireChannel(channel, at: place)
        var parentChannel: Channel.ID?
        if let parent {
            parentChannel = try server.requireParent(parent, at: place)
        }
        try server.checkCauses(of: agent)
        try server.require(.sendMessages, of: place.author, at: place.past)
        guard server.isReader(place.author, of: record, at: place.past) else {
            throw Failure(.notReader)
        }
        guard !record.isVoice else { throw Failure(.wrongChannel, "voice channels hold no text") }
        if let parentChannel, parentChannel != channel {
            throw Failure(.wrongChannel, "the parent is in another channel")
        }
        try server.requireEpoch(sealed.epoch, of: channel, at: place)
        try server.checkFanOut(of: agent, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addMessage(self, event: event, slot: slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .sendMessages
    }
}
