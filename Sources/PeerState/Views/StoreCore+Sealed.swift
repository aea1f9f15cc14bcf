/// Messages whose key is not here: they stand in pages and nowhere else, until they open.
extension StoreCore {
    /// Shows author and time of a message; one that can be read stays as it is.
    func showSealed(_ entry: SealedEntry) throws(StoreFailure) {
        var found = freshPlaces[entry.message]
        if found == nil { found = try textPlace(of: entry.message) }
        guard let place = found else {
            throw StoreFailure(.conflict, "a sealed message whose event is not stored")
        }
        guard place.flags == nil else { return }
        let channel = try reference(to: entry.channel, in: place.server)
        let parent = try entry.parent.flatMap { id throws(StoreFailure) in try eventReference(id) }
        let thread = try thread(of: place.reference, parent: parent)
        try database.run(
            "INSERT OR REPLACE INTO sealed_texts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            .integer(place.reference), .integer(channel), .unsigned(place.position.lamport),
            .integer(place.position.authorOrder), .optional(thread), .optional(parent), .null,
            .optional(try reference(to: entry.epoch)), .integer(TextFlags.sealed.rawValue),
            .unsigned(entry.wallMilliseconds))
        sealedUpTo = max(try highestSealed(), place.reference)
    }

    /// No sealed message has a higher number; most texts do, and need not be looked for.
    func highestSealed() throws(StoreFailure) -> Int64 {
        if let sealedUpTo { return sealedUpTo }
        let found = try database.first("SELECT max(ref) FROM sealed_texts") { $0.integer(0) } ?? 0
        sealedUpTo = found
        return found
    }

    /// Forgets that a message is sealed: it can be read, or is gone.
    func unseal(_ reference: Int64) throws(StoreFailure) {
        guard reference <= (try highestSealed()) else { return }
        try database.run("DELETE FROM sealed_texts WHERE ref = ?1", .integer(reference))
    }

    func dropSealed(of channel: Int64) throws(StoreFailure) {
        guard try highestSealed() > 0 else { return }
        try database.run("DELETE FROM sealed_texts WHERE channel = ?1", .integer(channel))
    }

    /// Leaves the tombstone of a message that nobody here could read.
    func removeSealed(_ reference: Int64, by event: Event.ID) throws(StoreFailure) {
        guard reference <= (try highestSealed()) else { return }
        try database.run(
            "UPDATE sealed_texts SET flags = ?2, source = ?3 WHERE ref = ?1", .integer(reference),
            .integer(TextFlags.sealed.union(.deleted).rawValue),
            .optional(try eventReference(event)))
    }

    /// Shows the text that an edit under a key of this node gave to a sealed message.
    ///
    /// It is never counted: nobody's edit is.
    func openSealed(_ edit: TextEdit, at place: TextPlace) throws(StoreFailure) {
        guard let sealed = try sealedMessage(at: place.reference),
            !sealed.flags.contains(.deleted), let epoch = sealed.epoch
        else { return }
        var entry = TextEntry(
            message: edit.message, channel: sealed.channel, epoch: epoch, text: edit.text,
            wallMilliseconds: sealed.wallMilliseconds)
        entry.parent = sealed.parent
        entry.mentions = edit.mentions
        entry.flags = edit.flags
        entry.source = edit.source
        try insert(entry, at: place, in: try reference(to: sealed.channel, in: place.server))
        try addToSearch(place.reference)
    }

    // Reading

    func sealedMessage(at reference: Int64) throws(StoreFailure) -> StoredMessage? {
        guard reference <= (try highestSealed()) else { return nil }
        return try database.first(Self.texts.sealedByReference, .integer(reference)) {
            row throws(StoreFailure) in try Self.message(row)
        }
    }

    /// Whether pages of a channel have any to show.
    func hasSealed(in channel: Int64) throws(StoreFailure) -> Bool {
        guard try highestSealed() > 0 else { return false }
        return try database.first(
            "SELECT 1 FROM sealed_texts WHERE channel = ?1 LIMIT 1", .integer(channel)
        ) { _ in true } ?? false
    }

    /// The conversation that a sealed message stands in; outer `nil` when it is not sealed.
    func sealedThread(of reference: Int64) throws(StoreFailure) -> Int64?? {
        guard reference <= (try highestSealed()) else { return nil }
        return try database.first(
            "SELECT thread FROM sealed_texts WHERE ref = ?1", .integer(reference)
        ) { $0.isNull(0) ? nil : $0.integer(0) }
    }
}
