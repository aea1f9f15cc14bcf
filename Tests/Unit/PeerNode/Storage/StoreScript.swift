import PeerNode
import PeerState
import PeerTesting

/// What a node of two members asked of its store in some fifty acts, in courses of a few each.
///
/// Each course begins with a start from what the one before it left when it was killed.
final class StoreScript {
    private(set) var courses: [StoreCourse] = []
    /// What events make readable, for those whose text a crash kept from being written.
    private(set) var shown: [Event.ID: [TextChange]] = [:]
    private let me: Peer.ID
    private let server: Server.ID
    private let channel: Channel.ID
    /// Whether what a checkpoint says was compared with the events, by the bytes on the disk.
    private var states: [StoreContent: Bool] = [:]

    private static let actsPerCourse = 6

    init() throws {
        let fixture = try TextsFixture()
        me = fixture.core.me
        (server, channel) = (fixture.server, fixture.channel)
        try Self.act(fixture)
        for case .commit(let batch) in fixture.acts {
            for case .show(let entry) in batch.texts { shown[entry.message] = [.show(entry)] }
        }
        var start = FaultyDisk(seed: 7)
        for first in stride(from: 0, to: fixture.acts.count, by: Self.actsPerCourse) {
            let acts = Array(fixture.acts[first...].prefix(Self.actsPerCourse))
            start = try add("acts from \(first)", from: start, acts)
        }
        let old = try Self.oldDatabase(fixture.acts)
        _ = try add("migration", from: old, Array(fixture.acts.prefix(2)))
    }

    /// Carries out a course where nothing fails.
    ///
    /// - Returns: what it leaves when it is killed.
    private func add(
        _ name: String, from start: FaultyDisk, _ acts: [StoreAct]
    ) throws -> FaultyDisk {
        let run = StoreRun(start.copy(seed: 3), self)
        try run.open()
        var contents = [try run.found().content]
        var texts = [try self.texts(StoreRun(run.disk.copy(), self))]
        for act in acts {
            try run.perform(act)
            contents.append(try run.found().content)
            texts.append(try self.texts(StoreRun(run.disk.copy(), self)))
        }
        run.crash()
        courses.append(
            StoreCourse(name: name, start: start, acts: acts, contents: contents, texts: texts))
        return run.disk
    }

    /// What a process shows of the channel.
    func texts(_ run: StoreRun) throws -> [String] {
        try run.open()
        let page = try run.core?.messages(of: channel, in: server, .oldest, limit: 100)
        return page?.messages.map(\.text) ?? []
    }

    /// A database that the first program wrote, with what the first acts stored.
    private static func oldDatabase(_ acts: [StoreAct]) throws -> FaultyDisk {
        let disk = FaultyDisk(seed: 11)
        let database = try Database(path: FaultyDisk.database, vfs: disk.name)
        _ = try Schema.prepare(database, migrations: Array(Schema.migrations.prefix(1)))
        try database.execute("INSERT INTO instance VALUES (1, x'00112233445566778899aabbccddeeff')")
        var authors: [Peer.ID: Int64] = [:]
        for case .commit(let batch) in acts.prefix(12) {
            for event in batch.events {
                if authors.isEmpty {
                    try database.run(
                        "INSERT INTO servers VALUES (1, ?1)", .identifier(event.server))
                }
                let author = authors[event.author] ?? Int64(authors.count + 1)
                if authors.updateValue(author, forKey: event.author) == nil {
                    try database.run(
                        "INSERT INTO authors VALUES (?1, ?2)", .integer(author),
                        .identifier(event.author))
                }
                try database.run(
                    """
                    INSERT INTO events(server, author, seq, lamport, kind, stored_ms, is_void,
                        size, id, envelope) VALUES (1, ?1, ?2, ?3, ?4, 1, 0, ?5, ?6, ?7)
                    """,
                    .integer(author), .unsigned(event.seq), .unsigned(event.lamport),
                    .unsigned(event.kind), .integer(Int64(event.envelope.count)),
                    .identifier(event.id), .blob(event.envelope))
            }
        }
        disk.stop()
        database.close()
        disk.start()
        return disk
    }

    /// Whether every server's state is the same from its checkpoint as from all its events.
    func isOneState(_ content: StoreContent, _ disk: FaultyDisk) throws -> Bool {
        if let known = states[content] { return known }
        let run = StoreRun(disk, self)
        try run.open()
        guard let core = run.core else { return false }
        let started = try NodeStorage.load(core, me: me).servers.map(\.server.state)
        let folded = try NodeStorage.load(core, me: me, usesCheckpoints: false).servers
            .map(\.server.state)
        let isSame = started.map { StateHash.hash(of: $0) } == folded.map { StateHash.hash(of: $0) }
        states[content] = isSame
        return isSame
    }
}
