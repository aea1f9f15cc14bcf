/// A folded state as parts of a checkpoint (PROTOCOL 6.3).
///
/// What messages and their like amount to is written as it is. Who may do what, channels, profiles
/// and keys are not written: they are made again from their events when the parts are read.
extension ServerState {
    /// Of the fold and of the shape of the parts; another one folds everything again.
    package static let foldVersion: UInt64 = 2

    /// Kinds whose whole effect is in the columns and lists of the parts.
    static func isContent(_ kind: UInt64) -> Bool {
        switch kind {
        case Acknowledged.kind, ChannelRevived.kind, MessagePosted.kind, MessageEdited.kind,
            MessageDeleted.kind, ReactionAdded.kind, ReactionRemoved.kind, MessagePinned.kind,
            MessageUnpinned.kind:
            true
        default: EventKinds.type(of: kind) == nil
        }
    }

    func writeBlock(_ number: Int, to writer: inout PartWriter) {
        graph.writeBlock(number, to: &writer)
        writer.column(content.subjects.block(number))
        let slots = graph.slots(inBlock: number)
        let refused = slots.filter { graph.flags($0).contains(.inadmissible) }
        writer.count(refused.count)
        for slot in refused {
            let refusal = refusals[slot] ?? Failure(.noPermission)
            writer.slot(slot)
            writer.number(refusal.code.rawValue)
            writer.text(refusal.detail)
        }
        let posts = slots.filter { graph.kind($0) == MessagePosted.kind }
        let replies = posts.filter { content.parents[$0] != nil }
        writer.count(replies.count)
        for slot in replies {
            writer.slot(slot)
            writer.slot(content.parents[slot] ?? slot)
        }
        let answers = causePlaces.isEmpty ? [] : posts.filter { causePlaces[$0] != nil }
        writer.count(answers.count)
        for slot in answers {
            guard let place = causePlaces[slot] else { continue }
            writer.slot(slot)
            writer.number(place.depth)
            writer.slot(place.root)
        }
    }

    mutating func readBlock(
        _ reader: inout PartReader, _ sound: inout SoundNodes
    ) throws(StoreFailure) {
        let first = graph.count
        try graph.readBlock(&reader, &sound)
        let subjects = try reader.column(Int32.self, count: graph.count - first)
        for (offset, subject) in subjects.enumerated()
        where subject < -1 || subject >= Int32(first + offset) {
            throw PartReader.wrong("a subject")
        }
        content.append(subjects: subjects)
        for _ in 0..<(try reader.count(eachAtLeast: 10)) {
            let slot = try reader.slot(below: graph.count)
            guard let code = RuleCode(rawValue: try reader.number()) else {
                throw PartReader.wrong("a refusal")
            }
            refusals[slot] = Failure(code, try reader.text())
        }
        for _ in 0..<(try reader.count(eachAtLeast: 8)) {
            let slot = try reader.slot(below: graph.count)
            content.parents[slot] = try reader.slot(below: Int(slot.index))
        }
        for _ in 0..<(try reader.count(eachAtLeast: 12)) {
            let slot = try reader.slot(below: graph.count)
            let depth = try reader.number(Int32.self)
            record(
                CausePlace(depth: depth, root: try reader.slot(below: Int(slot.index))), of: slot)
        }
    }

    /// What is read before all other parts.
    func writeHead(to writer: inout PartWriter) {
        writer.number(Self.byteOrderMark)
        writer.count(graph.count)
        writer.count(graph.frontiers.words.count)
        graph.frontiers.writeForks(to: &writer)
        graph.writeRest(to: &writer)
        writer.sum(voidRows)
        let channels = channelRecords.values.sorted { $0.slot < $1.slot }
        writer.count(channels.count)
        for record in channels {
            writer.slot(record.slot)
            writer.sum(record.messageRows)
            writer.sum(record.reactionRows)
        }
        writer.count(authority.unknownTo.count)
        for (lowering, unknown) in authority.unknownTo.sorted(by: { $0.key < $1.key }) {
            writer.slot(lowering)
            writer.slots(unknown.sorted())
        }
        Remade(of: self).write(to: &writer, graph)
    }

    static let byteOrderMark: UInt32 = 0x5045_4552
}
