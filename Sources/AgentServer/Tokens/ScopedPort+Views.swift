package import PeerNode
package import PeerState

/// Views and events as one principal may see them: what speaks of a hidden channel is not there.
extension ScopedPort {
    package func search(_ request: SearchRequest) async throws -> MessageSearch {
        let allowed = await allowed()
        var request = request
        request.places.removeAll { !allowed.contains($0.channel) }
        return shown(try await base.search(request))
    }

    package func versions(of message: Event.ID) async throws -> [MessageVersion] {
        let found = try await self.message(message)
        return shown(try await base.versions(of: message), of: found)
    }

    package func delivery(of message: MessageSnapshot) async -> MessageDelivery? {
        await base.delivery(of: message)
    }

    package func pins(of channel: Channel.ID, in server: Server.ID) async throws -> [PinSnapshot] {
        try await need(channel)
        return try await base.pins(of: channel, in: server).map { pin in
            var pin = pin
            pin.message = shown(pin.message)
            return pin
        }
    }

    package func card(of peer: Peer.ID, in server: Server.ID) async throws -> MemberCard {
        try await base.card(of: peer, in: server)
    }

    package func firstSight(of peer: Peer.ID, in server: Server.ID) async throws -> UInt64? {
        try await base.firstSight(of: peer, in: server)
    }

    package func explanation(of event: Event.ID) async throws -> EventExplanation? {
        guard let found = try await base.explanation(of: event),
            await !hiddenServers().contains(found.server)
        else { return nil }
        guard let channel = found.channel, await !allowed().contains(channel) else {
            return found
        }
        return nil
    }

    package func eventIDs(startingWith hexPrefix: String) async -> [Event.ID] {
        var found: [Event.ID] = []
        for id in await base.eventIDs(startingWith: hexPrefix) {
            do {
                if try await explanation(of: id) != nil { found.append(id) }
            } catch {
                continue  // It went away in between.
            }
        }
        return found
    }

    package func agreement(in server: Server.ID) async throws -> StateAgreement {
        try await base.agreement(in: server)
    }

    package func verify(
        _ server: Server.ID, timeout: Milliseconds
    ) async throws -> StateAgreement {
        try await base.verify(server, timeout: timeout)
    }

    package func mutes(of principal: String) async -> Mutes { await base.mutes(of: principal) }

    package func setMute(
        _ subject: MuteSubject, _ mute: Mute?, of principal: String
    ) async throws {
        if case .channel(let channel, _) = subject { try await need(channel) }
        try await base.setMute(subject, mute, of: principal)
    }

    package func events(after feed: UInt64, limit: Int) async throws -> NodeEventPage {
        let (allowed, hidden) = (await allowed(), await hiddenServers())
        var page = try await base.events(after: feed, limit: limit)
        page.events.removeAll { event in
            event.channel.map { !allowed.contains($0) } ?? false
                || event.server.map { hidden.contains($0) } ?? false
        }
        guard isLocked else { return page }
        var kept: [NodeEvent] = []
        for event in page.events {
            if let event = await shown(event) { kept.append(event) }
        }
        page.events = kept
        return page
    }
}
