import PeerNet
import PeerState
import Testing

/// Chunks between two cores without anything around them.
@Suite struct BlobCoreTests {
    private static let server = Server.ID(Chunk.id(of: [1]))
    private static let peers = (2..<5).map { Peer.ID(Chunk.id(of: [UInt8($0)])) }
    private static let now = Instant(nanoseconds: 1_000_000_000)

    private func core(links: Int) -> BlobCore {
        var core = BlobCore()
        for link in 1...links {
            _ = handle(&core, .linkUp(LinkID(UInt64(link)), Self.peers[link - 1]), links: links)
        }
        return core
    }

    private func handle(
        _ core: inout BlobCore, _ input: BlobCore.Input, links: Int = 1, now: Instant = Self.now
    ) -> [BlobCore.Effect] {
        let members = (1...links).map { LinkID(UInt64($0)) }
        return core.handle(input, members: { _ in members }, now: now)
    }

    private func wants(_ effects: [BlobCore.Effect]) -> [(link: LinkID, id: UInt64, offset: UInt64)]
    {
        effects.compactMap { effect in
            guard case .send(let link, .blob(.want(_, let id, _, let offset))) = effect else {
                return nil
            }
            return (link, id, offset)
        }
    }

    private func pieces(_ effects: [BlobCore.Effect]) -> [Int] {
        effects.compactMap { effect in
            guard case .send(_, .blob(.data(_, _, let bytes, _))) = effect else { return nil }
            return bytes.count
        }
    }

    private let link = LinkID(1)

    /// A core that serves one chunk of `total` bytes of which everything may be read.
    private func serving(_ total: Int) throws -> (core: BlobCore, first: [BlobCore.Effect]) {
        var core = core(links: 1)
        let asked = handle(
            &core,
            .message(link, .want(Self.server, id: 9, Chunk.id(of: [7]), offset: 0)))
        guard case .look(let look, _, _, _)? = asked.first else {
            throw Failure<WireCode>(.badField, "no look: \(asked)")
        }
        let allowed = handle(&core, .looked(look, isAllowed: true))
        return (core, allowed)
    }

    private func answerReads(
        _ core: inout BlobCore, _ effects: [BlobCore.Effect], total: Int
    ) -> [BlobCore.Effect] {
        var out: [BlobCore.Effect] = []
        var pending = effects
        while !pending.isEmpty {
            let effect = pending.removeFirst()
            out.append(effect)
            guard case .read(let token, _, let offset, let count) = effect else { continue }
            let bytes = [UInt8](repeating: 5, count: min(count, total - offset))
            pending += handle(&core, .page(token, BlobPage(bytes: bytes, total: total)))
        }
        return out
    }

    @Test func `a link is handed little before the earlier bytes have left`() throws {
        var (core, effects) = try serving(3 << 20)
        effects = answerReads(&core, effects, total: 3 << 20)
        var sent = pieces(effects).reduce(0, +)
        #expect(sent == Limits.blobAhead)
        #expect(effects.contains(.whenDrained(link)))
        var rounds = 0
        while sent < 1 << 20 {
            effects = answerReads(&core, handle(&core, .drained(link)), total: 3 << 20)
            let now = pieces(effects).reduce(0, +)
            #expect((1...Limits.blobAhead).contains(now))
            sent += now
            rounds += 1
        }
        #expect(sent == Limits.creditWindow, "no byte beyond the credit")
        #expect(pieces(answerReads(&core, handle(&core, .drained(link)), total: 3 << 20)).isEmpty)
        effects = answerReads(
            &core, handle(&core, .credit(link, id: 9, bytes: 40_000)), total: 3 << 20)
        #expect(pieces(effects) == [32_768, 7_232])
        #expect(rounds == 7)
    }

    @Test func `who is a member no more gets no credit for the rest of a chunk`() throws {
        var (core, effects) = try serving(3 << 20)
        effects = answerReads(&core, effects, total: 3 << 20)
        #expect(!pieces(effects).isEmpty)
        let after = core.handle(
            .credit(link, id: 9, bytes: 1 << 20), members: { _ in [] }, now: Self.now)
        #expect(after == [.send(link, .blob(.none(id: 9)))])
        #expect(core.isIdle)
    }

    @Test func `who may not have a chunk gets the answer of one that is not here`() throws {
        for isAllowed in [true, false] {
            var core = core(links: 1)
            let asked = handle(
                &core,
                .message(link, .want(Self.server, id: 9, Chunk.id(of: [7]), offset: 0)))
            guard case .look(let look, _, _, _)? = asked.first else {
                Issue.record("no look")
                return
            }
            var answer = handle(&core, .looked(look, isAllowed: isAllowed))
            if case .read(let token, _, _, _)? = answer.first {
                answer = handle(&core, .page(token, nil))
            }
            #expect(answer.first == .send(link, .blob(.none(id: 9))))
            #expect(core.isIdle)
        }
    }

    @Test(arguments: [0, 5])
    func `at most eight wants are served on one link, those of events included`(others: Int) {
        var core = core(links: 1)
        var effects: [BlobCore.Effect] = []
        for id in (1 + others)...9 {
            #expect(!effects.contains { if case .send = $0 { true } else { false } })
            let want = BlobMessage.want(
                Self.server, id: UInt64(id), Chunk.id(of: [UInt8(id)]), offset: 0)
            effects = handle(&core, .message(link, want, eventWants: others))
        }
        guard case .send(_, .reject(let reject))? = effects.first else {
            Issue.record("not refused: \(effects)")
            return
        }
        #expect(reject.code == "overQuota" && reject.reference == 9)
        // The same chunk again ends the earlier want and takes its place.
        effects = handle(
            &core,
            .message(
                link, .want(Self.server, id: 10, Chunk.id(of: [8]), offset: 5),
                eventWants: others))
        #expect(effects.contains { if case .look = $0 { true } else { false } })
    }

    @Test func `a chunk comes by credit, and by wanting again when credit would be too often`() {
        let size = 200 << 20
        var core = core(links: 1)
        let chunk = Chunk.id(of: [3])
        var want = wants(
            handle(&core, .fetch(BlobRequest(server: Self.server, chunk: chunk, size: size))))[0]
        var credits = 0
        var again = 0
        var offset = 0
        var left = Limits.creditWindow
        while offset < size {
            #expect(left > 0, "the sender may always go on")
            let bytes = [UInt8](repeating: 1, count: min(Limits.blobPiece, left, size - offset))
            left -= bytes.count
            let effects = handle(
                &core,
                .message(
                    link,
                    .data(
                        id: want.id, offset: UInt64(offset), bytes, total: UInt64(size))))
            offset += bytes.count
            for effect in effects {
                if case .send(_, .credit(_, let bytes)) = effect {
                    credits += 1
                    left += Int(bytes)
                }
            }
            if let next = wants(effects).first {
                #expect(next.offset == UInt64(offset))
                want = next
                left = Limits.creditWindow
                again += 1
            }
        }
        #expect(credits == Limits.blobCreditsPerSecond)
        #expect(again > 100)
    }

    @Test func `several holders share the chunks, and one that stops is left after 15 s`() {
        var core = core(links: 2)
        var asked: [LinkID] = []
        for number in 0..<4 {
            let request = BlobRequest(
                server: Self.server, chunk: Chunk.id(of: [UInt8(number)]), size: 1_000)
            asked += wants(handle(&core, .fetch(request), links: 2)).map(\.link)
        }
        #expect(asked.sorted() == [LinkID(1), LinkID(1), LinkID(2), LinkID(2)])
        let later = Self.now + Limits.idleTimeout
        let moved = wants(handle(&core, .timer, links: 2, now: later))
        #expect(moved.count == 4)
        let last = handle(&core, .timer, links: 2, now: later + Limits.idleTimeout)
        #expect(last.filter { if case .unavailable = $0 { true } else { false } }.count == 4)
        #expect(core.isIdle)
    }

    /// Who named the chunk may be the one who lies; a size that no chunk has is the holder's lie.
    @Test(arguments: [(101, false), (4_194_320, false), (0, true), (16, true), (4_194_321, true)])
    func `another size than was said is nobody's fault, an impossible one the holder's`(
        total: UInt64, isLie: Bool
    ) {
        var core = core(links: 2)
        let chunk = Chunk.id(of: [3])
        let request = BlobRequest(server: Self.server, chunk: chunk, size: 100)
        let first = wants(handle(&core, .fetch(request), links: 2))[0]
        let bytes = [UInt8](repeating: 1, count: 50)
        let effects = handle(
            &core, .message(first.link, .data(id: first.id, offset: 0, bytes, total: total)),
            links: 2)
        #expect(effects.contains { if case .lied = $0 { true } else { false } } == isLie)
        #expect(wants(effects).map(\.link) == [LinkID(3 - first.link.number)])
    }

    @Test func `pieces of two peers that do not fit blame neither, and one alone is asked next`() {
        var core = core(links: 2)
        let chunk = Chunk.id(of: [3])
        let first = wants(
            handle(
                &core, .fetch(BlobRequest(server: Self.server, chunk: chunk, size: 100)), links: 2)
        )[0]
        _ = handle(
            &core,
            .message(
                first.link,
                .data(id: first.id, offset: 0, [UInt8](repeating: 1, count: 60), total: 100)),
            links: 2)
        let second = wants(
            core.handle(.linkDown(first.link), members: { _ in [LinkID(2)] }, now: Self.now))[0]
        #expect(second.offset == 60)
        let whole = core.handle(
            .message(
                second.link,
                .data(id: second.id, offset: 60, [UInt8](repeating: 2, count: 40), total: 100)),
            members: { _ in [LinkID(2)] }, now: Self.now)
        #expect(whole.contains { if case .keep(chunk, _) = $0 { true } else { false } })
        let wrong = core.handle(
            .kept(chunk, .wrong), members: { _ in [LinkID(2)] }, now: Self.now)
        #expect(!wrong.contains { if case .lied = $0 { true } else { false } })
        #expect(wants(wrong).map(\.offset) == [0])
    }
}
