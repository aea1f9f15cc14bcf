import PeerState

/// Join links: issued and revoked here; the log never holds their secret (PROTOCOL 4.5).
extension NodeCore {
    mutating func perform(_ act: LinkAct, in server: Server.ID) throws(NodeFailure) -> Outcome {
        let slot = try hosted(server)
        switch act {
        case .create(let usesMax, let expiry):
            guard LinkIssued.usesRange.contains(usesMax) else {
                throw NodeFailure(.invalidArgument, "max_uses: 1 to 10000")
            }
            return try issueLink(usesMax, expiry, nil, server)
        case .revoke(let id):
            guard let link = slot.state.link(id) else {
                throw NodeFailure(.unknownLink, "no link \(id.short) in this server")
            }
            if link.status == .revoked { return Outcome(.unchanged, server: server) }
            return outcome(.applied, try write(LinkRevoked(link: id), in: server), server)
        }
    }
}
