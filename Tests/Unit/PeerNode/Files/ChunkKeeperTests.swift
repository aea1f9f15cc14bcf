import PeerNet
import PeerNode
import PeerState
import Testing

/// What a provider does about files of others, without store, disk or links.
@Suite struct ChunkKeeperTests {
    private static let server = Server.ID(Chunk.id(of: [1]))
    private static let message = Event.ID(Chunk.id(of: [2]))
    private static let author = Peer.ID(Chunk.id(of: [3]))
    private static let minute = Milliseconds.seconds(60)
    private static let retry = Milliseconds.seconds(1_800)

    private struct View: ChunkKeeper.View {
        var keptServers: [Server.ID]
        let standing: Set<Event.ID>

        func stands(_ message: Event.ID, in server: Server.ID) -> Bool {
            standing.contains(message)
        }
    }

    /// A keeper and what it sees.
    private struct Room {
        var keeper = ChunkKeeper()
        var servers = [ChunkKeeperTests.server]
        var standing: Set<Event.ID> = [ChunkKeeperTests.message]
        var seconds: UInt64 = 0

        var now: Moment {
            Moment(
                monotonic: Instant(nanoseconds: (1 + seconds) * 1_000_000_000),
                wallMilliseconds: 1_800_000_000_000 + seconds * 1_000)
        }

        mutating func handle(_ input: ChunkKeeper.Input) -> [ChunkKeeper.Effect] {
            keeper.handle(input, View(keptServers: servers, standing: standing), now: now)
        }

        /// What it searches for after an input; at most once.
        mutating func search(_ input: ChunkKeeper.Input) -> ChunkSearch? {
            let found = handle(input).compactMap { effect -> ChunkSearch? in
                if case .search(let search) = effect { search } else { nil }
            }
            #expect(found.count < 2)
            return found.first
        }

        /// The same, where there has to be one.
        mutating func searched(_ input: ChunkKeeper.Input) throws -> ChunkSearch {
            let found = search(input)
            return try #require(found)
        }

        mutating func fetches(_ input: ChunkKeeper.Input) -> [Chunk.ID] {
            handle(input).compactMap { effect in
                if case .fetch(let request) = effect { request.chunk } else { nil }
            }
        }
    }

    private static func chunk(_ number: Int) -> Chunk.ID { Chunk.id(of: [9, UInt8(number)]) }

    private static func row(_ number: Int, size: Int? = 1_000) -> MissingChunk {
        MissingChunk(server: server, message: message, chunk: chunk(number), size: size)
    }

    private static func found(
        _ rows: [MissingChunk], room: Int = 1 << 30, held: [Chunk.ID: Int] = [:],
        _ change: (inout MissingChunks) -> Void = { _ in }
    ) -> ChunkKeeper.Input {
        var missing = MissingChunks()
        missing.rows = rows
        missing.place = ChunkSearch.Place(server: server, author: author)
        change(&missing)
        return .found(FoundChunks(missing, held: held, room: room))
    }

    @Test func `a few are fetched at once, and what came is noted with the next search`() throws {
        var room = Room()
        let first = try room.searched(.linked(Self.server))
        #expect(first.servers == [Self.server: room.now.wallMilliseconds])
        #expect(first.notes.isEmpty && first.after == nil)
        #expect(room.handle(.named).isEmpty, "one search at a time")
        let some = room.fetches(Self.found((0..<6).map { Self.row($0) }))
        #expect(some == (0..<4).map(Self.chunk))
        #expect(room.keeper.waiting == 6)
        #expect(room.fetches(.ended(Self.chunk(1), .here)) == [Self.chunk(4)])
        // The page is used up with the sixth: the next is looked for while the rest comes.
        let effects = room.handle(.ended(Self.chunk(0), .here))
        let searches = effects.compactMap { effect -> ChunkSearch? in
            if case .search(let search) = effect { search } else { nil }
        }
        let next = try #require(searches.first)
        #expect(
            next.notes == [.kept(Self.chunk(1), bytes: 1_000), .kept(Self.chunk(0), bytes: 1_000)])
        #expect(next.underWay == Set([2, 3, 4, 5].map(Self.chunk)))
        #expect(next.after?.author == Self.author)
        #expect(room.keeper.kept == 2)
    }

    @Test func `with nothing left it rests until time, a link or a message asks for more`() {
        var room = Room()
        #expect(room.search(.named) != nil)
        #expect(room.handle(Self.found([])) == [.wake(at: room.now.monotonic + Self.retry)])
        #expect(room.handle(.timer).isEmpty)
        room.seconds += 1_800
        #expect(room.search(.timer) != nil)
        _ = room.handle(Self.found([]))
        #expect(room.search(.named) != nil)
        _ = room.handle(Self.found([]))
        #expect(room.search(.linked(Self.server)) != nil)
    }

    @Test func `authors without end are looked through with a rest between`() {
        var room = Room()
        _ = room.handle(.named)
        let effects = room.handle(Self.found([]) { $0.isComplete = false })
        #expect(effects == [.wake(at: room.now.monotonic + Self.minute)])
    }

    @Test func `who comes and goes has everything asked for once a minute`() throws {
        var room = Room()
        let first = try room.searched(.linked(Self.server))
        _ = room.handle(Self.found([]))
        room.seconds += 1
        for _ in 0..<10 { #expect(room.search(.linked(Self.server)) == nil) }
        room.seconds += 59
        let second = try room.searched(.timer)
        let times = [first, second].compactMap { $0.servers[Self.server] }
        #expect(times[1] == times[0] + 60_000)
    }

    @Test func `what nobody has waits for the next who comes`() throws {
        var room = Room()
        _ = room.handle(.named)
        _ = room.handle(Self.found([Self.row(0)]))
        _ = room.handle(Self.found([]))
        room.seconds += 20
        let search = try room.searched(.ended(Self.chunk(0), .unavailable))
        let noted = ChunkNote.postponed(
            Self.chunk(0), Self.message, until: room.now.wallMilliseconds)
        #expect(search.notes == [noted])
        #expect((search.servers[Self.server] ?? .max) < room.now.wallMilliseconds)
        #expect(room.keeper.unavailable == 1 && room.keeper.kept == 0)
        room.seconds += 1
        _ = room.handle(Self.found([]))
        let next = try room.searched(.linked(Self.server))
        #expect(next.servers[Self.server] == room.now.wallMilliseconds)
    }

    /// Why a chunk is left, and what is noted of it.
    enum Reason: CaseIterable { case noSize, deleted, held }

    @Test(arguments: Reason.allCases)
    func `what need not or cannot come is noted and not fetched`(reason: Reason) throws {
        var room = Room()
        _ = room.handle(.named)
        if reason == .deleted { room.standing = [] }
        let held = reason == .held ? [Self.chunk(0): 777] : [:]
        let row = Self.row(0, size: reason == .noSize ? nil : 1_000)
        let effects = room.handle(Self.found([row], held: held))
        let day = room.now.wallMilliseconds + 86_400_000
        let note = ChunkNote.postponed(Self.chunk(0), Self.message, until: day)
        guard case .search(let search)? = effects.first else {
            Issue.record("\(effects)")
            return
        }
        #expect(effects.count == 1)
        #expect(search.notes == [reason == .held ? .kept(Self.chunk(0), bytes: 777) : note])
    }

    /// An author's bound, by bytes and by chunks, and where it begins to hold.
    @Test(arguments: [
        (Limits.filesKeptPerAuthor - 1_000, 0, true), (Limits.filesKeptPerAuthor - 999, 0, false),
        (0, Limits.chunksKeptPerAuthor - 1, true), (0, Limits.chunksKeptPerAuthor, false),
    ])
    func `an author has 64 GiB here and no more, and others go on`(
        bytes: Int, count: Int, isWithin: Bool
    ) throws {
        var room = Room()
        _ = room.handle(.named)
        let input = Self.found([Self.row(0), Self.row(1), Self.row(2)]) {
            $0.keptBytes = bytes
            $0.keptCount = count
        }
        let effects = room.handle(input)
        let requests = effects.filter { if case .fetch = $0 { true } else { false } }
        #expect(requests.count == (isWithin ? 1 : 0))
        #expect(room.keeper.overBudget == (isWithin ? 2 : 3))
        guard case .search(let search)? = effects.last else {
            Issue.record("\(effects)")
            return
        }
        #expect(search.passingOver == [Self.author] && search.notes.isEmpty)
        // After a while he is looked at again: what was deleted made room.
        _ = room.handle(Self.found([]))
        room.seconds += 1_800
        let later = try room.searched(.timer)
        #expect(later.passingOver.isEmpty)
    }

    @Test func `without a place nothing is fetched until later, and nothing goes for it`() throws {
        var room = Room()
        _ = room.handle(.named)
        let effects = room.handle(Self.found([Self.row(0), Self.row(1)], room: 1_999))
        let wake = ChunkKeeper.Effect.wake(at: room.now.monotonic + Self.retry)
        let fetch = BlobRequest(server: Self.server, chunk: Self.chunk(0), size: 1_000)
        #expect(effects == [.fetch(fetch), wake])
        #expect(room.handle(.named).isEmpty)
        #expect(room.handle(.ended(Self.chunk(0), .here)).isEmpty)
        room.seconds += 1_800
        let later = try room.searched(.timer)
        #expect(later.notes == [.kept(Self.chunk(0), bytes: 1_000)])
    }

    @Test func `a disk or store that refuses is left alone for a minute`() throws {
        for input in [ChunkKeeper.Input.found(nil), .ended(Self.chunk(0), .failed)] {
            var room = Room()
            _ = room.handle(.named)
            if case .ended = input { _ = room.handle(Self.found([Self.row(0)])) }
            #expect(room.handle(input).contains(.wake(at: room.now.monotonic + Self.minute)))
            #expect(room.handle(.named).isEmpty)
            if case .ended = input { _ = room.handle(Self.found([])) }
            room.seconds += 60
            let later = try room.searched(.timer)
            #expect(later.notes.isEmpty, "it is found again")
        }
    }

    @Test func `where nobody is linked nothing is asked for`() throws {
        var room = Room()
        room.servers = []
        #expect(room.handle(.named).isEmpty)
        room.servers = [Self.server]
        #expect(room.search(.timer) != nil)
        _ = room.handle(Self.found((0..<6).map { Self.row($0) }))
        room.servers = []
        #expect(room.search(.ended(Self.chunk(0), .here)) != nil, "what came is written down")
        #expect(room.keeper.waiting == 3, "what waited is found again when somebody comes")
    }
}
