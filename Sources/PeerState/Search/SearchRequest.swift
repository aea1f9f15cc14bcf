/// One search with everything in it resolved: who may read what, who is meant, which times.
package struct SearchRequest: Sendable {
    /// One place where looking is allowed; nothing else is looked at.
    package struct Place: Hashable, Sendable {
        package let server: Server.ID
        package let channel: Channel.ID

        package init(server: Server.ID, channel: Channel.ID) {
            self.server = server
            self.channel = channel
        }
    }

    package var terms: [SearchTerm]
    /// The channels that may be read, those of `in:` alone when it was given.
    package var places: [Place]
    /// Messages by one of them; `nil` = by anybody.
    package var authors: Set<Peer.ID>?
    package var excludedAuthors: Set<Peer.ID> = []
    /// Messages of conversations in which each of them wrote.
    package var partners: [Peer.ID] = []
    /// How many rows of partners are gathered before the index is walked; more are looked at as
    /// they come.
    package var partnerRowsMax = Limits.searchPartnerRows
    /// `.file`, `.link` and `.mention`.
    package var required: TextFlags = []
    package var excluded: TextFlags = []
    /// ms since 1970: at or after it.
    package var since: UInt64?
    /// ms since 1970: earlier than it.
    package var before: UInt64?
    /// Where the last page ended.
    package var cursor: UInt64?
    package var limit: Int

    package init(terms: [SearchTerm], places: [Place], limit: Int) {
        self.terms = terms
        self.places = places
        self.limit = limit
    }

    /// Takes over terms and features of a query; people, channels and times are the caller's.
    package init(_ query: SearchQuery, places: [Place], limit: Int) {
        self.init(terms: query.terms, places: places, limit: limit)
        for item in query.operators where item.kind == .has {
            let flag: TextFlags =
                item.value == "file" ? .file : item.value == "link" ? .link : .mention
            if item.isExcluded { excluded.insert(flag) } else { required.insert(flag) }
        }
    }
}
