/// A search in the row numbers of this database.
struct SearchScope {
    let expression: SearchExpression
    let channels: [Int64]
    let partners: SearchPartners
}

extension StoreCore {
    /// Row numbers for the names in a request; `nil` when nothing can match.
    func searchScope(of request: SearchRequest) throws(StoreFailure) -> SearchScope? {
        var servers: Set<Int64> = []
        var channels: [Int64] = []
        for place in request.places {
            guard let server = try knownReference(to: place.server),
                let channel = try knownReference(to: place.channel, in: server)
            else { continue }
            servers.insert(server)
            channels.append(channel)
        }
        let known = try references(to: request.partners)
        guard !channels.isEmpty, known.count == request.partners.count,
            let partners = try searchPartners(known, gathering: request.partnerRowsMax)
        else { return nil }
        var facets: [[String]] = []
        if let authors = request.authors {
            let known = try references(to: authors.sorted())
            guard !known.isEmpty else { return nil }
            facets.append(known.map { "a\($0)" })
        }
        facets += Self.facets(request.required).map { [$0] }
        let isNarrow = !facets.isEmpty || request.terms.contains { $0.isIndexed && !$0.isExcluded }
        let isMost = try isMost(channels)
        if !isNarrow || !isMost {
            facets.append(
                channels.count <= Limits.searchChannelFacets
                    ? channels.map { "c\($0)" } : servers.sorted().map { "s\($0)" })
        }
        let excluded = try references(to: request.excludedAuthors.sorted()).map { "a\($0)" }
        let expression = SearchExpression(
            request.terms, facets: facets,
            excludedFacets: excluded + Self.facets(request.excluded))
        return SearchScope(expression: expression, channels: channels, partners: partners)
    }

    /// Whether most messages are in these channels, so that naming them to the index would only
    /// make it walk one more long list; each row's channel is looked at in any case.
    private func isMost(_ channels: [Int64]) throws(StoreFailure) -> Bool {
        let chosen = Set(channels)
        let counts = try database.rows("SELECT ref, last_seq FROM channels") {
            (channel: $0.integer(0), count: Double($0.unsigned(1)))
        }
        let all = counts.reduce(0) { $0 + $1.count }
        let part = counts.reduce(0) { $0 + (chosen.contains($1.channel) ? $1.count : 0) }
        return part * 2 >= all
    }

    private func references(to peers: [Peer.ID]) throws(StoreFailure) -> [Int64] {
        var found: [Int64] = []
        for peer in peers {
            if let reference = try knownReference(to: peer) { found.append(reference) }
        }
        return found
    }

    private static func facets(_ flags: TextFlags) -> [String] {
        let names: [(TextFlags, String)] = [(.file, "hf"), (.link, "hl"), (.mention, "hm")]
        return names.filter { flags.contains($0.0) }.map(\.1)
    }
}
