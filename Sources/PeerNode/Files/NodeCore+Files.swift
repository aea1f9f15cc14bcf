package import PeerNet
package import PeerState

/// A chunk that a peer wants while it is looked up who names it.
struct BlobLook: Sendable {
    let link: LinkID
    let server: Server.ID
}

/// Files: who may have a chunk, and what the messages around them say.
extension NodeCore {
    package enum FileInput: Sendable {
        case fetch(BlobRequest)
        case cancel(Chunk.ID)
        case kept(Chunk.ID, BlobCore.KeepResult)
        /// The messages that name the chunk of a `.look`.
        case found(BlobCore.ServeToken, [Event.ID])
        case page(BlobCore.ServeToken, BlobPage?)
        case drained(LinkID)
        /// The end of a `.forget`.
        case forgotten(Server.ID)
        /// The answer to `.search`; `nil` when the store could not be asked.
        case missing(FoundChunks?)
        /// Chunks that were kept for others are not here any more.
        case lost
    }

    package enum FileEffect: Sendable {
        /// Bring the messages of this server that name the chunk.
        case look(BlobCore.ServeToken, Server.ID, Chunk.ID)
        case read(BlobCore.ServeToken, Chunk.ID, offset: Int, count: Int)
        /// Check the hash of a chunk and store it.
        case keep(Chunk.ID, [UInt8])
        case ended(Chunk.ID, FetchEnd)
        case whenDrained(LinkID)
        /// Drop the chunks that messages of this server alone name.
        case forget(Server.ID)
        /// Say which chunks are to be kept here for others and are not.
        case search(ChunkSearch)
    }

    /// How fetching a chunk ended.
    package enum FetchEnd: Hashable, Sendable {
        case here
        case unavailable
        /// It came and could not be stored.
        case failed
        case late
        case stopped
    }

    mutating func files(_ input: FileInput) {
        switch input {
        case .fetch(let request): blobHandle(.fetch(request))
        case .cancel(let chunk):
            if keeper?.isFetching(chunk) != true { blobHandle(.cancel(chunk)) }
        case .kept(let chunk, let result): blobHandle(.kept(chunk, result))
        case .found(let token, let messages):
            guard let look = blobLooks.removeValue(forKey: token) else { return }
            blobHandle(.looked(token, isAllowed: mayServe(look, named: messages)))
        case .page(let token, let page): blobHandle(.page(token, page))
        case .drained(let link): blobHandle(.drained(link))
        case .forgotten(let server): eraseRest(of: server)
        case .missing(let found): keep(.found(found))
        case .lost: keep(.named)
        }
    }

    mutating func receiveBlob(_ message: SyncMessage, from link: LinkID) {
        switch message {
        case .blob(let blob):
            blobHandle(.message(link, blob, eventWants: sync.wantsServed(on: link)))
        case .credit(let id, let bytes): blobHandle(.credit(link, id: id, bytes: bytes))
        case .reject(let reject):
            guard let id = reject.reference else { return }
            blobHandle(.rejected(link, id: id, isBusy: reject.code == "overQuota"))
        default: break
        }
    }

    mutating func blobHandle(_ input: BlobCore.Input) {
        // Taken out, so that it may ask about links while it changes.
        var core = BlobCore()
        swap(&core, &blobs)
        let effects = core.handle(
            input, members: { self.linkedMembers(of: $0) }, now: now.monotonic)
        swap(&core, &blobs)
        for effect in effects { perform(effect) }
    }

    private mutating func perform(_ effect: BlobCore.Effect) {
        switch effect {
        case .send(let link, let message): session(link, .send(frame: message.bytes))
        case .keep(let chunk, let bytes): out.append(.files(.keep(chunk, bytes)))
        case .fetched(let chunk): endFetch(of: chunk, .here)
        case .unavailable(let chunk): endFetch(of: chunk, .unavailable)
        case .failed(let chunk): endFetch(of: chunk, .failed)
        case .look(let token, let link, let server, let chunk):
            blobLooks[token] = BlobLook(link: link, server: server)
            out.append(.files(.look(token, server, chunk)))
        case .read(let token, let chunk, let offset, let count):
            out.append(.files(.read(token, chunk, offset: offset, count: count)))
        case .whenDrained(let link): out.append(.files(.whenDrained(link)))
        case .lied(let link):
            log.log(.warning, "link \(link.number): sent wrong bytes of a file")
            syncHandle(.invalid(link))
        case .badFrame(let link, let message): rejectBlob(message, link)
        case .overCredit(let link):
            syncHandle(.invalid(link))
            closeForSync(link, NetCode.overCredit.word)
        case .wake(let at): wakes.add(at)
        }
    }

    private mutating func endFetch(of chunk: Chunk.ID, _ end: FetchEnd) {
        out.append(.files(.ended(chunk, end)))
        keep(.ended(chunk, end))
    }

    private mutating func rejectBlob(_ message: SyncMessage, _ link: LinkID) {
        session(link) { session, now in
            session.reportBadFrame(about: message.type, server: message.server, now: now)
        }
    }

    /// Whether a message that stands names the chunk, in a channel the asker reads.
    ///
    /// Providers keep what they cannot open (PROTOCOL 7.8).
    private func mayServe(_ look: BlobLook, named messages: [Event.ID]) -> Bool {
        guard let peer = links[look.link]?.peer, let slot = servers[look.server],
            slot.state.standing(of: peer) != nil
        else { return false }
        let state = slot.state
        let keepsAll = state.permissions(of: peer, at: state.now).contains(.syncProvider)
        return messages.contains { id in
            guard let message = state.message(id), message.status != .deleted else { return false }
            return keepsAll || state.isReader(peer, of: message.channel, at: state.now)
        }
    }

    /// Notes which chunks a message names, in the batch that stores it.
    mutating func noteChunks(of event: Event, in server: Server.ID) {
        guard let body = event.body as? MessagePosted, !body.blobs.isEmpty else { return }
        current.batch.chunks += body.blobs.map {
            ChunkRow(chunk: $0.chunk, message: event.id, server: server)
        }
    }

    func checkAttachments(of post: PostMessage) throws(NodeFailure) {
        guard post.attachments.count <= MessageText.attachmentsMax,
            post.attachments.reduce(0, { $0 + $1.chunks.count }) <= MessagePosted.blobsMax
        else {
            throw NodeFailure(
                .tooLarge,
                "a message carries \(MessageText.attachmentsMax) files of together "
                    + "\(MessagePosted.blobsMax) chunks")
        }
    }

    /// Files of a message; what does not read as one is left out.
    func files(of message: StoredMessage) -> [FileSnapshot] {
        message.attachments.enumerated().compactMap { position, bytes in
            Self.attachment(bytes).map {
                FileSnapshot(
                    id: FileID(message: message.id, position: position), name: $0.name,
                    mediaType: $0.mediaType, size: $0.shape.size)
            }
        }
    }

    static func attachment(_ bytes: [UInt8]) -> Attachment? {
        do {
            return try Attachment(decoding: bytes)
        } catch {
            return nil  // The author's fault; the message is shown without it.
        }
    }

    /// What a peer is worth listening to.
    package func score(of peer: Peer.ID) -> Double { sync.scores.score(of: peer, now.monotonic) }

    /// What is to become of chunks, by the messages that name them.
    ///
    /// - Returns: those that a standing message names, and of these those of this node's own.
    package func standing(of rows: [ChunkRow]) -> (named: Set<Chunk.ID>, own: Set<Chunk.ID>) {
        var named: Set<Chunk.ID> = []
        var own: Set<Chunk.ID> = []
        for row in rows {
            guard let message = servers[row.server]?.state.message(row.message),
                message.status != .deleted
            else { continue }
            named.insert(row.chunk)
            if message.author == me { own.insert(row.chunk) }
        }
        return (named, own)
    }
}
