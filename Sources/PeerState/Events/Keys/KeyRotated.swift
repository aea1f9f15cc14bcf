/// Gives a channel a new key, sealed to each of its readers; one part of at most 32.
///
/// The epoch exists when its last part is effective, and is named by that part (PROTOCOL 7.2).
package struct KeyRotated: EventBody {
    package static let kind: UInt64 = 81
    package static let isSetup = true
    package static let boxByteCount = 80
    package static let prevBoxByteCount = 104
    package static let parentsMax = 4
    /// A box left out: the reader must get the key by a share.
    package static let emptyBox = [UInt8](repeating: 0, count: boxByteCount)

    package var channel: Channel.ID
    package var salt: [UInt8]
    package var parents: [Epoch.ID]
    package var commit: Digest.Value
    package var readersDigest: Digest.Value
    package var part: UInt64
    package var parts: UInt64
    package var boxes: [[UInt8]]
    package var prevBoxes: [[UInt8]]

    package init(
        channel: Channel.ID, salt: [UInt8], parents: [Epoch.ID], commit: Digest.Value,
        readersDigest: Digest.Value, part: UInt64, parts: UInt64, boxes: [[UInt8]],
        prevBoxes: [[UInt8]]
    ) {
        self.channel = channel
        self.salt = salt
        self.parents = parents
        self.commit = commit
        self.readersDigest = readersDigest
        self.part = part
        self.parts = parts
        self.boxes = boxes
        self.prevBoxes = prevBoxes
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 9)
        channel = try reader.identifier("channel")
        salt = try reader.byteString(exactly: 32, "salt")
        parents = try reader.identifiers(max: Self.parentsMax, "parents")
        commit = try reader.identifier("commit")
        readersDigest = try reader.identifier("readers digest")
        part = try reader.unsigned("part")
        parts = try reader.unsigned(in: 1...Limits.rotationParts, "parts")
        guard part < parts else { throw reader.wrong("part") }
        boxes = try Self.byteStrings(&reader, Self.boxByteCount, max: Limits.boxesPerPart, "box")
        prevBoxes = try Self.byteStrings(
            &reader, Self.prevBoxByteCount, max: Self.parentsMax, "prev box")
    }

    private static func byteStrings(
        _ reader: inout CBORReader, _ size: Int, max: Int, _ what: String
    ) throws(Failure<WireCode>) -> [[UInt8]] {
        let count = try reader.array(max: max, what)
        var result: [[UInt8]] = []
        result.reserveCapacity(count)
        for _ in 0..<count { result.append(try reader.byteString(exactly: size, what)) }
        return result
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(9)
        writer.identifier(channel)
        writer.byteString(salt)
        writer.identifiers(parents)
        writer.identifier(commit)
        writer.identifier(readersDigest)
        writer.unsigned(part)
        writer.unsigned(parts)
        writer.array(boxes.count)
        for box in boxes { writer.byteString(box) }
        writer.array(prevBoxes.count)
        for box in prevBoxes { writer.byteString(box) }
    }

    package var subject: Event.ID? { Event.ID(channel) }

    package var edges: [Event.ID] {
        [Event.ID(channel)] + parents.map { Event.ID($0) }
    }

    /// Whether `next` may follow as the next part of the same rotation.
    package func isContinued(by next: KeyRotated) -> Bool {
        next.part == part + 1 && next.parts == parts && next.channel == channel
            && next.salt == salt && next.parents == parents && next.commit == commit
            && next.readersDigest == readersDigest && next.prevBoxes == prevBoxes
    }

    package func check(
        in server: ServerState, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        _ = try server.requireChannel(channel, at: place.past)
        try server.require(.sendMessages, of: place.author, at: place.past)
        try server.requireReader(place.author, of: channel, at: place.past)
        try server.checkRotation(self, at: place)
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        server.addRotationPart(self, event: event, slot: slot)
    }

    package static func permissionsNeeded(by slot: Slot, in server: ServerState) -> Permissions {
        .sendMessages
    }
}
