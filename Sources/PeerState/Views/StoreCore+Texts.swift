extension StoreCore {
    /// Where a message stands among the stored events.
    struct TextPlace {
        let reference: Int64
        let server: Int64
        let author: Int64
        let position: OrderKey
        let storedMilliseconds: UInt64
        /// `nil` when it is not shown yet.
        let flags: TextFlags?

        var shown: ShownPlace {
            ShownPlace(
                lamport: Int64(bitPattern: position.lamport), authorOrder: position.authorOrder)
        }
    }

    /// Display order as the index of texts has it.
    struct ShownPlace: Comparable {
        static let lowest = Self(lamport: .min, authorOrder: .min)

        let lamport: Int64
        let authorOrder: Int64

        static func < (left: Self, right: Self) -> Bool {
            (left.lamport, left.authorOrder) < (right.lamport, right.authorOrder)
        }
    }

    /// Applies one change inside the open transaction.
    func apply(_ change: TextChange) throws(StoreFailure) {
        switch change {
        case .show(let entry): try show(entry)
        case .showSealed(let entry): try showSealed(entry)
        case .edit(let edit): try replaceText(edit)
        case .remove(let message, let event): try removeText(message, by: event)
        case .drop(let message): try dropText(message)
        case .dropChannel(let server, let channel): try dropTexts(of: channel, in: server)
        }
    }

    private func show(_ entry: TextEntry) throws(StoreFailure) {
        guard let place = try textPlace(of: entry.message) else {
            throw StoreFailure(.conflict, "the text of an event that is not stored")
        }
        if var flags = place.flags {
            // A fork may take back a deletion: whoever shows a text knows that it stands.
            flags.remove(.deleted)
            let source = try entry.source.map { id throws(StoreFailure) in try eventReference(id) }
            try rewrite(
                place.reference, flags, text: entry.text, content: entry.flags,
                source: source ?? nil, mentions: entry.mentions)
            try keepFiles(entry.attachments, of: place.reference)
        } else {
            let channel = try reference(to: entry.channel, in: place.server)
            try insert(entry, at: place, in: channel)
            try addToSearch(place.reference)
            var rise = ChannelRise()
            rise.add(entry.channelSeq, isForeign: !entry.flags.contains(.local))
            try raiseTotals(of: channel, rise)
        }
    }

    /// Writes a text that cannot be searched for yet.
    func insert(
        _ entry: TextEntry, at place: TextPlace, in channel: Int64
    ) throws(StoreFailure) {
        try unseal(place.reference)
        let arrival = try arrival(of: entry, at: place, in: channel)
        let parent = try entry.parent.flatMap { id throws(StoreFailure) in try eventReference(id) }
        let thread = try thread(of: place.reference, parent: parent)
        let source = try entry.source.flatMap { id throws(StoreFailure) in try eventReference(id) }
        let epoch = try reference(to: entry.epoch)
        try database.run(
            """
            INSERT INTO texts VALUES
                (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                text_guard(?1, ?7, ?9, ?10, ?11, ?18))
            """,
            .integer(place.reference), .integer(place.server), .integer(channel),
            .integer(place.author), .unsigned(place.position.lamport),
            .integer(place.position.authorOrder), .unsigned(place.position.seq),
            .optional(thread), .optional(parent), .optional(source), .optional(epoch),
            .integer(arrival.flags.rawValue), .unsigned(arrival.feed),
            .unsigned(arrival.channelSeq), .unsigned(entry.wallMilliseconds),
            .unsigned(place.storedMilliseconds), arrival.principal.map { .text($0) } ?? .null,
            .text(entry.text))
        try insertMentions(entry.mentions, of: place.reference)
        try keepFiles(entry.attachments, of: place.reference)
        newest[channel] = max(newest[channel] ?? .lowest, place.shown)
        textCounts[channel] = textCounts[channel].map { min($0 + 1, Limits.textsCounted) }
        tallies.noteArrival(in: entry.channel, feed: arrival.feed, arrival.flags)
        searchTimes.note(
            place.reference,
            SearchTimes.shown(
                wall: entry.wallMilliseconds, stored: place.storedMilliseconds))
    }

    private struct Arrival {
        var flags: TextFlags
        var feed: UInt64
        var channelSeq: UInt64
        var principal: String?
    }

    /// How the message came: as the entry says, or as it was before a rebuild.
    private func arrival(
        of entry: TextEntry, at place: TextPlace, in channel: Int64
    ) throws(StoreFailure) -> Arrival {
        var flags = entry.flags.subtracting([.late, .deleted, .link])
        flags.formUnion(.links(in: entry.text))
        if entry.source != nil { flags.insert(.edited) }
        guard entry.feed == 0 else {
            if try isBehind(place, in: channel) { flags.insert(.late) }
            return Arrival(
                flags: flags, feed: entry.feed, channelSeq: entry.channelSeq,
                principal: entry.principal)
        }
        let kept = try database.first(
            "SELECT feed, channel_seq, flags, principal FROM kept_arrivals WHERE ref = ?1",
            .integer(place.reference)
        ) { row in
            Arrival(
                flags: TextFlags(rawValue: row.integer(2)).intersection(.arrival),
                feed: row.unsigned(0), channelSeq: row.unsigned(1),
                principal: row.isNull(3) ? nil : row.text(3))
        }
        guard var kept else {
            flags.insert(.uncounted)
            return Arrival(flags: flags, feed: 0, channelSeq: 0, principal: entry.principal)
        }
        kept.flags.formUnion(flags)
        kept.principal = kept.principal ?? entry.principal
        return kept
    }

    /// Whether something that is shown stands after `place`.
    private func isBehind(_ place: TextPlace, in channel: Int64) throws(StoreFailure) -> Bool {
        if let last = newest[channel] { return place.shown < last }
        if newest.count >= Limits.cachedChannels { newest = [:] }
        let last = try newestShown(in: channel)
        newest[channel] = last
        return place.shown < last
    }

    private func newestShown(in channel: Int64) throws(StoreFailure) -> ShownPlace {
        try database.first(
            """
            SELECT lamport, author_order FROM texts INDEXED BY texts_order WHERE channel = ?1
            ORDER BY lamport DESC, author_order DESC LIMIT 1
            """, .integer(channel)
        ) { ShownPlace(lamport: $0.integer(0), authorOrder: $0.integer(1)) } ?? .lowest
    }

    func raiseTotals(of channel: Int64, _ rise: ChannelRise) throws(StoreFailure) {
        try database.run(
            """
            UPDATE channels SET last_seq = max(last_seq, ?2), last_foreign = max(last_foreign, ?3)
            WHERE ref = ?1
            """, .integer(channel), .unsigned(rise.last), .unsigned(rise.lastForeign))
    }

    private func replaceText(_ edit: TextEdit) throws(StoreFailure) {
        guard let place = try textPlace(of: edit.message) else { return }
        guard let flags = place.flags else { return try openSealed(edit, at: place) }
        guard !flags.contains(.deleted) else { return }
        try rewrite(
            place.reference, flags, text: edit.text, content: edit.flags.union(.edited),
            source: try eventReference(edit.source), mentions: edit.mentions)
    }

    private func rewrite(
        _ reference: Int64, _ old: TextFlags, text: String, content: TextFlags, source: Int64?,
        mentions: [Peer.ID]
    ) throws(StoreFailure) {
        // An edit changes the text; files stay with the message that brought them.
        var flags = old.subtracting(.content).union(content.intersection(.content))
            .union(old.intersection(.file))
        flags.formUnion(.links(in: text))
        if source != nil { flags.insert(.edited) }
        if !flags.symmetricDifference(old).isDisjoint(with: .counting) {
            try forgetTallies(of: reference)
        }
        try removeFromSearch(reference)
        try database.run("DELETE FROM mentions WHERE message = ?1", .integer(reference))
        try database.run(
            """
            UPDATE texts SET text = ?2, flags = ?3, source = ?4,
                guard = text_guard(ref, seq, parent, ?4, epoch, ?2) WHERE ref = ?1
            """,
            .integer(reference), .text(text), .integer(flags.rawValue), .optional(source))
        try insertMentions(mentions, of: reference)
        try addToSearch(reference)
    }

    private func removeText(_ message: Event.ID, by event: Event.ID) throws(StoreFailure) {
        guard let place = try textPlace(of: message) else { return }
        guard let flags = place.flags else { return try removeSealed(place.reference, by: event) }
        guard !flags.contains(.deleted) else { return }
        let left = flags.intersection([.local, .late, .uncounted]).union(.deleted)
        try forgetTallies(of: place.reference)
        try removeFromSearch(place.reference)
        try database.run("DELETE FROM mentions WHERE message = ?1", .integer(place.reference))
        try dropFiles("ref = ?1", place.reference)
        try database.run(
            """
            UPDATE texts SET text = '', flags = ?2, source = ?3,
                guard = text_guard(ref, seq, parent, ?3, epoch, '') WHERE ref = ?1
            """,
            .integer(place.reference), .integer(left.rawValue),
            .optional(try eventReference(event)))
    }

    /// A text that was, or was not, counted as unread is about to change.
    func forgetTallies(of reference: Int64) throws(StoreFailure) {
        guard !tallies.isEmpty else { return }
        let channel = try database.first(
            """
            SELECT c.id FROM texts AS t CROSS JOIN channels AS c ON c.ref = t.channel
            WHERE t.ref = ?1
            """, .integer(reference)
        ) { row throws(StoreFailure) in try row.identifier(0) as Channel.ID }
        if let channel { tallies.forget(channel) }
    }

    private func insertMentions(
        _ mentions: [Peer.ID], of message: Int64
    ) throws(StoreFailure) {
        for peer in mentions {
            try database.run(
                "INSERT OR IGNORE INTO mentions VALUES (?1, ?2)", .integer(message),
                .integer(try reference(to: peer)))
        }
    }

    // A full-text index writes all it has gathered before a statement that both reads and inserts:
    // once is right for many rows, and dear for one.

    func addToSearch(_ reference: Int64) throws(StoreFailure) {
        guard let row = try searchable(reference) else { return }
        try database.run(
            "INSERT INTO search(rowid, text, facets) VALUES (?1, ?2, ?3)", .integer(reference),
            .text(row.text), .text(row.facets))
    }

    /// Every message of which `unwritten_texts` tells.
    func addUnwrittenToSearch() throws(StoreFailure) {
        try database.run(
            """
            INSERT INTO search(rowid, text, facets)
            SELECT s.ref, s.text, s.facets FROM unwritten_texts AS u
            CROSS JOIN searchable AS s ON s.ref = u.ref ORDER BY u.ref
            """)
    }

    /// Before the row changes: the index is told what it had been given.
    func removeFromSearch(_ reference: Int64) throws(StoreFailure) {
        guard let row = try searchable(reference) else { return }
        try database.run(
            "INSERT INTO search(search, rowid, text, facets) VALUES ('delete', ?1, ?2, ?3)",
            .integer(reference), .text(row.text), .text(row.facets))
    }

    private func searchable(
        _ reference: Int64
    ) throws(StoreFailure) -> (text: String, facets: String)? {
        try database.first(
            "SELECT text, facets FROM searchable WHERE ref = ?1", .integer(reference)
        ) { ($0.text(0), $0.text(1)) }
    }
}

extension SQLValue {
    static func optional(_ value: Int64?) -> Self { value.map { .integer($0) } ?? .null }
}
