import PeerNode
import PeerState

/// Views by script.
extension FakePort {
    func search(_ request: SearchRequest) async throws -> MessageSearch {
        searches.append(request)
        let places = Set(request.places.map(\.channel))
        let words = request.terms.map { $0.text.lowercased() }
        let found = messages.filter { message in
            places.contains(message.channel)
                && words.allSatisfy { message.text.lowercased().contains($0) }
                && request.authors?.contains(message.author) ?? true
        }
        let start = request.cursor ?? UInt64.max
        let rest = found.reversed().filter { $0.feed < start }
        let page = rest.prefix(request.limit)
        return MessageSearch(
            hits: page.map { message in
                let bytes = Array(message.text.lowercased().utf8)
                let range = words.first.flatMap { bytes.firstRange(of: Array($0.utf8)) }
                return MessageSearch.Hit(
                    message: message,
                    snippet: SearchHit.Snippet(
                        text: message.text, ranges: range.map { [$0] } ?? []),
                    place: message.feed)
            }, cursor: rest.count > page.count ? page.last?.feed : nil,
            total: request.cursor == nil ? found.count : nil)
    }

    func versions(of message: Event.ID) async throws -> [MessageVersion] { earlier[message] ?? [] }

    func delivery(of message: MessageSnapshot) async -> MessageDelivery? { nil }

    func pins(of channel: Channel.ID, in server: Server.ID) async throws -> [PinSnapshot] {
        pinned.filter { $0.message.channel == channel }
    }

    func card(of peer: Peer.ID, in server: Server.ID) async throws -> MemberCard {
        guard let member = memberList.first(where: { $0.id == peer }) else {
            throw NodeFailure(.unknownPeer)
        }
        return MemberCard(
            member: member, status: "active", permissions: ["SendMessages"],
            profile: profiles[peer] ?? [0: .text(member.displayName), 2: .text("likes tea")],
            limits: member.isAgent ? [limit] : [], grantor: Fake.peer(1))
    }

    func firstSight(of peer: Peer.ID, in server: Server.ID) async throws -> UInt64? {
        memberList.first { $0.id == peer }?.joinedAtMilliseconds
    }

    /// Of members who are agents.
    private var limit: Attenuation { Attenuation(eventsPerMinute: 7) }

    func readers(of channel: Channel.ID, in server: Server.ID) async -> [Peer.ID] {
        memberList.map(\.id)
    }

    func explanation(of event: Event.ID) async throws -> EventExplanation? { nil }
    func eventIDs(startingWith hexPrefix: String) async -> [Event.ID] { [] }

    func agreement(in server: Server.ID) async throws -> StateAgreement {
        StateAgreement(stateHash: Digest.Value(Fake.event(7)), events: 9, peers: verdicts)
    }

    func verify(_ server: Server.ID, timeout: Milliseconds) async throws -> StateAgreement {
        try await agreement(in: server)
    }

    func mutes(of principal: String) async -> Mutes { Mutes() }

    func setMute(_ subject: MuteSubject, _ mute: Mute?, of principal: String) async throws {
        muted.append((subject, mute))
    }

    func events(after feed: UInt64, limit: Int) async throws -> NodeEventPage {
        let rest = told.filter { ($0.feed ?? 0) > feed }
        let page = Array(rest.prefix(limit))
        return NodeEventPage(
            events: page, position: page.last?.feed ?? feed, hasMore: rest.count > page.count,
            oldest: told.first?.feed ?? 0)
    }

    func notices() async -> AsyncStream<NodeEvent> { AsyncStream { _ in } }
}
