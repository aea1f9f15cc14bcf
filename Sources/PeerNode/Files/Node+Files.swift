import PeerNet
import PeerState

/// What the core asks of disks and links for files.
extension Node {
    func perform(_ effect: NodeCore.FileEffect) {
        switch effect {
        case .look(let token, let server, let chunk): look(token, server, chunk)
        case .read(let token, let chunk, let offset, let count):
            let generation = generation
            own { node in
                let page = await node.files.page(
                    of: chunk, at: offset, count: count, now: node.wallMilliseconds())
                node.feed(.files(.page(token, page)), of: generation)
            }
        case .keep(let chunk, let bytes):
            let generation = generation
            own { node in
                let result = await node.files.keep(chunk, bytes, now: node.wallMilliseconds())
                node.feed(.files(.kept(chunk, result)), of: generation)
            }
        case .ended(let chunk, let end):
            for wait in fileWaits.removeAll(for: chunk) { self.end(wait, end) }
        case .whenDrained(let link): announceDrain(of: link)
        case .forget(let server): forgetFiles(of: server)
        case .search(let search): findMissing(search)
        }
    }

    private func findMissing(_ search: ChunkSearch) {
        let generation = generation
        own { node in
            var found: FoundChunks?
            do {
                let missing = try await node.store.missingChunks(search)
                found = try await node.files.survey(missing)
            } catch {
                if !node.isStopping { node.log.log(.error, "looking for files: \(error)") }
            }
            node.feed(.files(.missing(found)), of: generation)
        }
    }

    /// What a provider noted as kept and has no more is to be brought again: it was damaged, went
    /// with a disk or a power loss, or no message has named it for long.
    private func noteLost() async {
        do {
            var last: Chunk.ID?
            repeat {
                let after = last
                let some = try await store.read { core in try core.keptChunks(after: after) }
                let lost = await files.absent(some)
                try await store.lose(lost)
                if !lost.isEmpty { feed(.files(.lost)) }
                last = some.last
            } while last != nil && !isStopping
        } catch {
            if !isStopping { log.log(.error, "looking for lost files: \(error)") }
        }
    }

    private func forgetFiles(of server: Server.ID) {
        let generation = generation
        own { node in
            do {
                var last: Chunk.ID?
                repeat {
                    let after = last
                    let some = try await node.store.read { core in
                        try core.chunks(namedOnlyIn: server, after: after)
                    }
                    await node.files.forget(some)
                    last = some.last
                } while last != nil
            } catch {
                // Tidying finds them later: nobody names them any more.
                node.log.log(.error, "dropping the files of a server: \(error)")
            }
            node.feed(.files(.forgotten(server)), of: generation)
        }
    }

    private func look(_ token: BlobCore.ServeToken, _ server: Server.ID, _ chunk: Chunk.ID) {
        let generation = generation
        own { node in
            var messages: [Event.ID] = []
            do {
                messages = try await node.store.read { core in
                    try core.messages(naming: chunk, in: server)
                }
            } catch {
                if !node.isStopping { node.log.log(.error, "looking for a chunk: \(error)") }
            }
            node.feed(.files(.found(token, messages)), of: generation)
        }
    }

    func drained(_ link: LinkID) {
        guard !isStopping, look({ $0.waitsForDrain(link) }) else { return }
        feed(.files(.drained(link)))
    }

    /// Now and then drops chunks, announcements and client message ids that nobody needs any more;
    /// not at once, when somebody waits for the first answer.
    func keepTidy() async {
        var pause = Limits.tidyingBegins
        while !isStopping {
            do { try await sleep(pause) } catch { return }
            pause = Limits.tidying
            await tidyFiles()
            do { try await store.prune(nowMilliseconds: wallMilliseconds()) } catch {
                if !isStopping { log.log(.error, "tidying the store: \(error)") }
            }
        }
    }

    package func tidyFiles() async {
        var rest = await files.chunks()[...]
        var named: Set<Chunk.ID> = []
        var own: Set<Chunk.ID> = []
        while !rest.isEmpty && !isStopping {
            let some = Array(rest.prefix(Limits.chunksLookedUp))
            rest = rest.dropFirst(some.count)
            do {
                let rows = try await store.read { core in
                    try some.flatMap { try core.rows(naming: $0) }
                }
                let found = look { $0.standing(of: rows) }
                named.formUnion(found.named)
                own.formUnion(found.own)
            } catch {
                // Whoever cannot be looked up must not look unneeded.
                return log.log(.error, "tidying files: \(error)")
            }
        }
        guard !isStopping else { return }
        await files.tidy(named: named, own: own, now: wallMilliseconds())
        if options.isProvider { await noteLost() }
    }
}

extension NodeCore {
    func waitsForDrain(_ link: LinkID) -> Bool { blobs.waitsForDrain(link) }
}
