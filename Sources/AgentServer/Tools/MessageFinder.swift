import PeerNode
import PeerState

/// Turns a search as somebody typed it into what the node looks for.
///
/// Names of people and channels that mean nothing here are searched as text, with a warning.
struct MessageFinder: Sendable {
    let call: ToolCall
    private(set) var query: SearchQuery

    init(call: ToolCall, query: SearchQuery) {
        self.call = call
        self.query = query
    }

    mutating func request(limit: Int) async throws -> SearchRequest {
        var places: [SearchRequest.Place] = []
        for server in await call.port.servers() {
            for channel in try await call.port.namedChannels(in: server.id) where !channel.isVoice {
                places.append(.init(server: server.id, channel: channel.id))
            }
        }
        let people = try await people()
        let named = try await channels()
        let times = await times()
        var request = SearchRequest(query, places: places, limit: limit)
        if !named.kept.isEmpty { request.places.removeAll { !named.kept.contains($0.channel) } }
        request.places.removeAll { named.excluded.contains($0.channel) }
        request.authors = people.authors.isEmpty ? nil : people.authors
        request.excludedAuthors = people.excluded
        request.partners = people.partners.sorted()
        request.since = times.since
        request.before = times.before
        return request
    }

    private struct People {
        var authors: Set<Peer.ID> = []
        var excluded: Set<Peer.ID> = []
        var partners: Set<Peer.ID> = []
    }

    private mutating func people() async throws -> People {
        var people = People()
        for item in query.operators where item.kind == .from || item.kind == .with {
            let isBare = !item.value.hasPrefix("@") && HexPrefix.digits(item.value) == nil
            let text = isBare ? "@" + item.value : item.value
            do {
                let found =
                    item.value.lowercased() == "me"
                    ? [call.port.peerID] : try await call.peers([text])
                switch (item.kind, item.isExcluded) {
                case (.with, _): people.partners.formUnion(found)
                case (_, true): people.excluded.formUnion(found)
                case (_, false): people.authors.formUnion(found)
                }
            } catch let refusal as ToolRefusal {
                query.demote(item, warning(item, refusal))
            }
        }
        return people
    }

    private mutating func channels() async throws -> (
        kept: Set<Channel.ID>, excluded: Set<Channel.ID>
    ) {
        var kept: Set<Channel.ID> = []
        var excluded: Set<Channel.ID> = []
        for item in query.operators where item.kind == .in {
            do {
                let address = ChannelAddress(text: item.value, field: "in")
                let channel = try await call.channel(address).id
                if item.isExcluded { excluded.insert(channel) } else { kept.insert(channel) }
            } catch let refusal as ToolRefusal {
                query.demote(item, warning(item, refusal))
            }
        }
        return (kept, excluded)
    }

    private mutating func times() async -> (since: UInt64?, before: UInt64?) {
        var since: UInt64?
        var before: UInt64?
        let now = await call.port.wallMilliseconds()
        for item in query.operators where item.kind == .since || item.kind == .before {
            guard let time = TimeArgument(item.value) else {
                query.demote(
                    item,
                    "\(item.kind.rawValue): takes times like 2h, 3d or 2026-01-31; "
                        + "it was searched as text.")
                continue
            }
            let moment = time.before(now)
            if item.kind == .since {
                since = max(since ?? 0, moment)
            } else {
                before = min(before ?? .max, moment)
            }
        }
        return (since, before)
    }

    private func warning(_ item: SearchOperator, _ refusal: ToolRefusal) -> String {
        let field = "\(item.kind.rawValue): "
        let detail = refusal.failure.detail
        return (detail.hasPrefix(field) ? detail : field + detail) + " It was searched as text."
    }
}
