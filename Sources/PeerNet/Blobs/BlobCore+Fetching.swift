import PeerState

// Asking: each chunk from one peer at a time, several chunks at once.
extension BlobCore {
    mutating func add(_ request: BlobRequest, _ now: Instant) {
        guard fetches[request.chunk] == nil else { return }
        guard fetches.count < Limits.blobRequests, request.size > 0 else {
            out.append(.unavailable(request.chunk))
            return
        }
        fetches[request.chunk] = BlobFetch(request: request, order: nextNumber(), since: now)
    }

    mutating func cancel(_ chunk: Chunk.ID) {
        guard let fetch = fetches.removeValue(forKey: chunk) else { return }
        if let want = fetch.want { wants[want.id] = nil }
    }

    /// Asks for what waits, as far as places allow.
    mutating func schedule(_ members: (Server.ID) -> [LinkID], _ now: Instant) {
        guard fetches.values.contains(where: { $0.state == .waiting }) else { return }
        var active = fetches.values.filter { $0.state != .waiting }.count
        var partials = fetches.values.filter { !$0.bytes.isEmpty || $0.state != .waiting }.count
        // What has begun goes first, so that few are held in part.
        let waiting = fetches.values.filter { $0.state == .waiting }.sorted {
            ($0.bytes.isEmpty ? 1 : 0, $0.order) < ($1.bytes.isEmpty ? 1 : 0, $1.order)
        }
        for fetch in waiting {
            guard active < Limits.blobFetches else { return }
            let isNew = fetch.bytes.isEmpty
            guard !isNew || partials < Limits.blobPartials else { continue }
            guard ask(fetch, members(fetch.request.server), now) else { continue }
            active += 1
            if isNew { partials += 1 }
        }
    }

    /// - Returns: whether somebody was asked.
    private mutating func ask(
        _ fetch: BlobFetch, _ members: [LinkID], _ now: Instant
    ) -> Bool {
        let chunk = fetch.request.chunk
        let untried = members.filter { link in
            links[link].map { !fetch.tried.contains($0.peer) } ?? false
        }
        guard !untried.isEmpty else {
            if !members.isEmpty { giveUp(chunk) }
            return false
        }
        let open = Dictionary(grouping: fetches.values.compactMap(\.want)) { $0.link }
            .mapValues(\.count)
        let free = untried.filter { link in
            (open[link] ?? 0) < Limits.blobFetchesPerLink
                && (links[link]?.pausedUntil.map { $0 <= now } ?? true)
        }
        // The least busy, so that several holders share the work.
        guard let link = free.min(by: { (open[$0] ?? 0, $0) < (open[$1] ?? 0, $1) }) else {
            return false
        }
        want(chunk, from: link, now)
        return true
    }

    private mutating func want(_ chunk: Chunk.ID, from link: LinkID, _ now: Instant) {
        guard let fetch = fetches[chunk] else { return }
        if let old = fetch.want { wants[old.id] = nil }
        let id = nextNumber()
        wants[id] = chunk
        fetches[chunk]?.want = BlobFetch.Want(id: id, link: link, lastActivity: now)
        fetches[chunk]?.state = .asked
        fetches[chunk]?.lastLink = link
        if fetch.bytes.isEmpty { fetches[chunk]?.bytes.reserveCapacity(fetch.request.size) }
        let offset = UInt64(fetch.bytes.count)
        out.append(
            .send(link, .blob(.want(fetch.request.server, id: id, chunk, offset: offset))))
    }

    mutating func pause(_ chunk: Chunk.ID, _ now: Instant) {
        if let want = fetches[chunk]?.want { wants[want.id] = nil }
        fetches[chunk]?.pause(now)
    }

    /// Leaves the rest of a chunk to other peers.
    private mutating func moveOn(_ chunk: Chunk.ID, from link: LinkID, _ now: Instant) {
        if let peer = links[link]?.peer { fetches[chunk]?.tried.insert(peer) }
        pause(chunk, now)
    }

    private mutating func giveUp(_ chunk: Chunk.ID) {
        cancel(chunk)
        out.append(.unavailable(chunk))
    }

    // What comes

    /// Data of a want that has ended is ignored.
    mutating func data(_ piece: BlobPiece, _ link: LinkID, _ now: Instant) {
        guard let chunk = wants[piece.id] else { return }
        switch judge(piece, of: chunk, link) {
        case .stray: return
        case .right: take(piece.bytes, of: chunk, from: link, now)
        case .otherSize: moveOn(chunk, from: link, now)
        case .overCredit:
            moveOn(chunk, from: link, now)
            out.append(.overCredit(link))
        case .lie: lied(chunk, link, now)
        }
    }

    private enum Verdict {
        case right, stray, overCredit, lie
        /// Who named the chunk may have lied as well as who has it.
        case otherSize
    }

    /// Looks at a fetch and lets go of it: who holds it while bytes are appended copies them all.
    private func judge(_ piece: BlobPiece, of chunk: Chunk.ID, _ link: LinkID) -> Verdict {
        guard let fetch = fetches[chunk], let want = fetch.want, want.link == link else {
            return .stray
        }
        let have = fetch.bytes.count
        guard piece.bytes.count <= want.credit else { return .overCredit }
        guard piece.total == UInt64(fetch.request.size) else {
            return Limits.sealedChunk.contains(piece.total) ? .otherSize : .lie
        }
        let isRight =
            piece.offset == UInt64(have) && !piece.bytes.isEmpty
            && have + piece.bytes.count <= fetch.request.size
        return isRight ? .right : .lie
    }

    private mutating func take(
        _ bytes: [UInt8], of chunk: Chunk.ID, from link: LinkID, _ now: Instant
    ) {
        fetches[chunk]?.bytes.append(contentsOf: bytes)
        if let peer = links[link]?.peer { fetches[chunk]?.sources.insert(peer) }
        fetches[chunk]?.want?.credit -= bytes.count
        fetches[chunk]?.want?.unreturned += bytes.count
        fetches[chunk]?.want?.lastActivity = now
        guard let fetch = fetches[chunk], let want = fetch.want else { return }
        let missing = fetch.request.size - fetch.bytes.count
        if missing == 0 { return check(chunk) }
        guard missing > want.credit, want.unreturned >= Limits.blobCreditReturn else { return }
        if links[link]?.credits.take(now) == true {
            out.append(.send(link, .credit(id: want.id, bytes: UInt64(want.unreturned))))
            fetches[chunk]?.want?.credit += want.unreturned
            fetches[chunk]?.want?.unreturned = 0
        } else if want.credit == 0 {
            self.want(chunk, from: link, now)
        }
    }

    private mutating func check(_ chunk: Chunk.ID) {
        guard let fetch = fetches[chunk] else { return }
        if let want = fetch.want { wants[want.id] = nil }
        fetches[chunk]?.want = nil
        fetches[chunk]?.state = .checking
        fetches[chunk]?.bytes = []
        out.append(.keep(chunk, fetch.bytes))
    }

    mutating func kept(_ chunk: Chunk.ID, _ result: KeepResult, _ now: Instant) {
        guard let fetch = fetches[chunk], fetch.state == .checking else { return }
        switch result {
        case .right:
            fetches[chunk] = nil
            out.append(.fetched(chunk))
        case .failed:
            fetches[chunk] = nil
            out.append(.failed(chunk))
        case .wrong:
            if fetch.sources.count == 1, let link = fetch.lastLink {
                fetches[chunk]?.tried.formUnion(fetch.sources)
                out.append(.lied(link))
            } else {
                fetches[chunk]?.needsOneSource = true
            }
            fetches[chunk]?.forgetBytes()
            pause(chunk, now)
        }
    }

    private mutating func lied(_ chunk: Chunk.ID, _ link: LinkID, _ now: Instant) {
        // Pieces of others before it may be right.
        if fetches[chunk]?.sources.count ?? 0 < 2 { fetches[chunk]?.forgetBytes() }
        moveOn(chunk, from: link, now)
        out.append(.lied(link))
    }

    mutating func hasNone(_ id: UInt64, _ link: LinkID, _ now: Instant) {
        guard let chunk = wants[id], fetches[chunk]?.want?.link == link else { return }
        moveOn(chunk, from: link, now)
    }

    mutating func rejected(_ id: UInt64, _ link: LinkID, isBusy: Bool, _ now: Instant) {
        guard let chunk = wants[id], fetches[chunk]?.want?.link == link else { return }
        if isBusy {
            links[link]?.pausedUntil = now + Limits.blobBusyPause
            pause(chunk, now)
        } else {
            moveOn(chunk, from: link, now)
        }
    }

    mutating func expireFetches(_ now: Instant) {
        for (chunk, fetch) in fetches.sorted(by: { $0.value.order < $1.value.order }) {
            if let want = fetch.want, now >= want.lastActivity + Limits.idleTimeout {
                moveOn(chunk, from: want.link, now)
            } else if fetch.state == .waiting, now >= fetch.since + Limits.blobPatience {
                giveUp(chunk)
            }
        }
    }
}
