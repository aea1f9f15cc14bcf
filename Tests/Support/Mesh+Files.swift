import PeerNet
package import PeerNode
package import PeerState

/// What a node of a mesh fetched and gave.
struct MeshFetches {
    var ends: [Chunk.ID: NodeCore.FetchEnd] = [:]
    /// Bytes read to be given to others.
    var served = 0
    /// Takes wants and gives nothing.
    var isSilent = false
    /// Bytes of chunks that its disk takes.
    var room = Limits.filesKept
    /// Visits of the store by who keeps files for others.
    var searches = 0
}

/// Files on a network without sockets.
extension Mesh {
    func perform(_ node: Int, _ effect: NodeCore.FileEffect) {
        let member = members[node]
        switch effect {
        case .look(let token, let server, let chunk):
            do {
                let messages = try member.store.messages(naming: chunk, in: server)
                feed(node, .files(.found(token, messages)))
            } catch {
                preconditionFailure("looking up a chunk for node \(node): \(error)")
            }
        case .read(let token, let chunk, let offset, let count):
            guard !member.fetches.isSilent else { return }
            let page = page(of: chunk, at: offset, count: count, node)
            member.fetches.served += page?.bytes.count ?? 0
            feed(node, .files(.page(token, page)))
        case .keep(let chunk, let bytes):
            let isRight = Chunk.id(of: bytes) == chunk
            if isRight { hold(node, chunk, bytes) }
            feed(node, .files(.kept(chunk, isRight ? .right : .wrong)))
        case .ended(let chunk, let end): member.fetches.ends[chunk] = end
        case .whenDrained(let link): feed(node, .files(.drained(link)))
        case .forget(let server): forgetFiles(of: server, node)
        case .search(let search): findMissing(search, node)
        }
    }

    private func findMissing(_ search: ChunkSearch, _ node: Int) {
        let member = members[node]
        member.fetches.searches += 1
        do {
            let missing = try member.store.missingChunks(search)
            let held = Set(missing.rows.map(\.chunk)).compactMap { chunk in
                member.shelf.entries[chunk].map { (chunk, $0.size) }
            }
            let found = FoundChunks(
                missing, held: Dictionary(held) { first, _ in first },
                room: member.fetches.room - member.shelf.bytes)
            feed(node, .files(.missing(found)))
        } catch {
            preconditionFailure("looking for chunks of node \(node): \(error)")
        }
    }

    private func forgetFiles(of server: Server.ID, _ node: Int) {
        do {
            for chunk in try members[node].store.chunks(namedOnlyIn: server, after: nil) {
                members[node].shelf.remove(chunk)
            }
        } catch {
            preconditionFailure("dropping the files of node \(node): \(error)")
        }
        feed(node, .files(.forgotten(server)))
    }

    private func page(
        of chunk: Chunk.ID, at offset: Int, count: Int, _ node: Int
    ) -> BlobPage? {
        do {
            let shelf = members[node].shelf
            guard let total = shelf.entries[chunk]?.size,
                let bytes = try shelf.read(chunk, at: offset, count: count, nowMilliseconds: 0)
            else { return nil }
            return BlobPage(bytes: bytes, total: total)
        } catch {
            preconditionFailure("reading a chunk of node \(node): \(error)")
        }
    }

    /// Puts bytes under the name of a chunk, whether they are it or not.
    package func hold(_ node: Int, _ chunk: Chunk.ID, _ bytes: [UInt8]) {
        let shelf = members[node].shelf
        shelf.remove(chunk)
        do { try shelf.write(chunk, bytes, nowMilliseconds: 0) } catch {
            preconditionFailure("holding a chunk: \(error)")
        }
    }

    package func held(_ node: Int, _ chunk: Chunk.ID) -> [UInt8]? {
        page(of: chunk, at: 0, count: .max, node)?.bytes
    }

    package func served(by node: Int) -> Int { members[node].fetches.served }
    package func end(_ node: Int, _ chunk: Chunk.ID) -> NodeCore.FetchEnd? {
        members[node].fetches.ends[chunk]
    }

    /// How often a provider looked for what it might keep.
    package func searches(by node: Int) -> Int { members[node].fetches.searches }

    /// Bytes of chunks that a provider's disk takes.
    package func limitShelf(of node: Int, to bytes: Int) { members[node].fetches.room = bytes }

    /// From now on the node takes wants and gives nothing.
    package func silence(_ node: Int) { members[node].fetches.isSilent = true }

    /// Posts a file whose chunks lie with the author.
    package func share(
        _ node: Int, _ server: Server.ID, _ channel: Channel.ID, _ plain: [UInt8],
        chunkSize: Int
    ) throws -> (message: Event.ID, file: Attachment) {
        guard let shape = FileShape(size: UInt64(plain.count), chunkSize: UInt64(chunkSize))
        else { throw NodeFailure(.invalidArgument, "no such file") }
        let key = [UInt8](repeating: 7, count: 32)
        let prefix = [UInt8](repeating: 9, count: 16)
        let cipher = ChunkCipher(key: key, prefix: prefix, count: shape.count)
        var chunks: [Chunk.ID] = []
        for index in 0..<shape.count {
            let start = index * chunkSize
            let part = Array(plain[start..<start + shape.plainBytes(at: index)])
            let sealed = cipher.seal(part, at: index)
            chunks.append(Chunk.id(of: sealed))
            hold(node, Chunk.id(of: sealed), sealed)
        }
        var hash = StreamHash("peer-agent/file/1")
        hash.add(plain)
        let file = Attachment(
            name: "file.bin", mediaType: "application/octet-stream", shape: shape, key: key,
            prefix: prefix, chunks: chunks, digest: hash.finish())
        var post = PostMessage(principal: "test", server: server, channel: channel, text: "")
        post.attachments = [file]
        guard let message = try act(node, .postMessage(post)).event else {
            throw NodeFailure(.internalError, "no message")
        }
        return (message, file)
    }

    /// Asks for every chunk of a file; what comes of it shows while the mesh runs.
    package func fetch(_ node: Int, _ file: Attachment, in server: Server.ID) {
        for (index, chunk) in file.chunks.enumerated() {
            members[node].fetches.ends[chunk] = nil
            let request = BlobRequest(
                server: server, chunk: chunk, size: file.shape.sealedBytes(at: index))
            feed(node, .files(.fetch(request)))
        }
    }

    package func cancel(_ node: Int, _ file: Attachment) {
        for chunk in file.chunks { feed(node, .files(.cancel(chunk))) }
    }

    /// Ends every link of a node without a word.
    package func cutLinks(of node: Int) {
        for link in network.openLinks where network.node(of: link) == node { cut(link) }
    }

    /// The plaintext of a file of which a node holds every chunk.
    package func opened(_ node: Int, _ file: Attachment) -> [UInt8]? {
        var plain: [UInt8] = []
        for (index, chunk) in file.chunks.enumerated() {
            guard let bytes = held(node, chunk), let part = file.cipher.open(bytes, at: index)
            else { return nil }
            plain += part
        }
        return plain
    }
}
