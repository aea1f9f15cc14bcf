import PeerState

// Answering: pieces within the peer's credit, and never far ahead of the link.
extension BlobCore {
    /// - Parameter others: wants of events that the peer has open.
    mutating func want(
        _ message: BlobMessage, _ link: LinkID, _ others: Int, _ now: Instant
    ) {
        guard case .want(let server, let id, let chunk, let offset) = message,
            let state = links[link]
        else { return }
        let key = ServeKey(link: link, id: id)
        guard serves[key] == nil, let offset = Int(exactly: offset) else {
            out.append(.badFrame(link, .blob(message)))
            return
        }
        // Wanted again from where it stands: the earlier want has ended.
        for old in state.serves.map({ ServeKey(link: link, id: $0) })
        where serves[old]?.chunk == chunk { endServe(old) }
        guard others + (links[link]?.serves.count ?? 0) < Limits.wantsPerLink,
            serves.count < Limits.blobServes
        else {
            let reject = SyncMessage.Reject(
                server: server, about: SyncFrameType.blobWant.rawValue, reference: id,
                code: "overQuota")
            out.append(.send(link, .reject(reject)))
            return
        }
        serves[key] = BlobServe(server: server, chunk: chunk, offset: offset, now: now)
        links[link]?.serves.append(id)
        let token = token(for: key)
        out.append(.look(token, link, server, chunk))
    }

    private mutating func token(for key: ServeKey) -> ServeToken {
        let number = nextNumber()
        tokens[number] = key
        return ServeToken(number: number)
    }

    /// The refusal says the same as to who asks for what is not here.
    mutating func looked(_ token: ServeToken, isAllowed: Bool) {
        guard let key = tokens.removeValue(forKey: token.number), let serve = serves[key]
        else { return }
        guard isAllowed else { return refuse(key) }
        serves[key]?.state = .reading
        let token = self.token(for: key)
        out.append(
            .read(token, serve.chunk, offset: serve.offset, count: Limits.blobPage))
    }

    private mutating func refuse(_ key: ServeKey) {
        endServe(key)
        out.append(.send(key.link, .blob(.none(id: key.id))))
    }

    mutating func took(_ page: BlobPage?, _ token: ServeToken, _ now: Instant) {
        guard let key = tokens.removeValue(forKey: token.number), serves[key] != nil
        else { return }
        guard let page, !page.bytes.isEmpty else { return refuse(key) }
        serves[key]?.total = page.total
        serves[key]?.add(page.bytes)
        serves[key]?.lastActivity = now
        pump(key.link, now)
    }

    /// Whoever is a member no more gets what he had credit for, and nothing on top of it.
    mutating func credited(
        _ bytes: UInt64, _ id: UInt64, _ link: LinkID, _ members: (Server.ID) -> [LinkID],
        _ now: Instant
    ) {
        let key = ServeKey(link: link, id: id)
        guard let serve = serves[key] else { return }
        guard members(serve.server).contains(link) else { return refuse(key) }
        // What would exceed the window is lost.
        serves[key]?.credit += Int(min(bytes, UInt64(Limits.creditWindow - serve.credit)))
        serves[key]?.lastActivity = now
        readMore(key)
        pump(link, now)
    }

    mutating func drained(_ link: LinkID, _ now: Instant) {
        links[link]?.ahead = 0
        links[link]?.waitsForDrain = false
        pump(link, now)
    }

    /// Sends one piece of each chunk in turn until enough is on its way.
    private mutating func pump(_ link: LinkID, _ now: Instant) {
        while let state = links[link], !state.waitsForDrain {
            guard
                let id = state.serves.first(where: { id in
                    serves[ServeKey(link: link, id: id)].map {
                        $0.buffered > 0 && $0.credit > 0
                    } ?? false
                })
            else { return }
            sendPiece(ServeKey(link: link, id: id), now)
            guard links[link]?.ahead ?? 0 >= Limits.blobAhead else { continue }
            links[link]?.waitsForDrain = true
            out.append(.whenDrained(link))
        }
    }

    private mutating func sendPiece(_ key: ServeKey, _ now: Instant) {
        guard let offset = serves[key]?.offset, let piece = serves[key]?.takePiece(),
            let total = serves[key]?.total
        else { return }
        serves[key]?.lastActivity = now
        out.append(
            .send(
                key.link,
                .blob(
                    .data(
                        id: key.id, offset: UInt64(offset), piece, total: UInt64(total)))))
        links[key.link]?.ahead += piece.count
        if offset + piece.count == total {
            endServe(key)
        } else {
            links[key.link]?.serves.removeAll { $0 == key.id }
            links[key.link]?.serves.append(key.id)
            readMore(key)
        }
    }

    private mutating func readMore(_ key: ServeKey) {
        guard let serve = serves[key], let count = serve.wantsPage else { return }
        let offset = serve.offset + serve.buffered
        serves[key]?.state = .reading
        let token = self.token(for: key)
        out.append(.read(token, serve.chunk, offset: offset, count: count))
    }

    mutating func endServe(_ key: ServeKey) {
        serves[key] = nil
        links[key.link]?.serves.removeAll { $0 == key.id }
        tokens = tokens.filter { $0.value != key }
    }
}
