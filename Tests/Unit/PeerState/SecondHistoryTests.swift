import PeerState
import PeerTesting
import Testing

/// The second history of `event.json`: all kinds, votes, links, a fork with loose events.
@Suite struct SecondHistoryTests {
    struct File: Decodable {
        struct Entry: Decodable {
            let name: String
            let id: String
            let envelope: String
            let verdict: String?
        }
        struct Section: Decodable {
            let hash: String
        }
        struct StateVector: Decodable {
            let rows: [String]
            let encoding: String
            let hash: String
        }
        struct Second: Decodable {
            let events: [Entry]
            let dropped: [Entry]
            let loose: [String]
            let frontier_digest: String
            let state: StateVector
        }
        let second: Second
    }

    static func event(_ entry: File.Entry, for server: Server.ID) throws -> Event {
        let bytes = try #require([UInt8](hex: entry.envelope))
        return try Replica.examine(Envelope(decoding: bytes), for: server)
    }

    /// The history in the given order; what waits is taken up when its parents come.
    static func replica(_ entries: [File.Entry], server: Server.ID) throws -> Replica {
        var replica = Replica(id: server)
        for entry in entries {
            let bytes = try #require([UInt8](hex: entry.envelope))
            _ = replica.receive(bytes, wallMilliseconds: EventVectorTests.wall)
        }
        return replica
    }

    @Test func `every event decodes, is signed and encodes again to the same bytes`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let entries = file.second.events + file.second.dropped
        let server = try #require(Server.ID(hex: entries[0].id))
        for entry in entries {
            let event = try Self.event(entry, for: server)
            #expect(!(event.body is UnknownBody), "\(entry.name)")
            let draft = EventDraft(
                server: event.declaredServer, author: event.author, seq: event.seq,
                prev: event.prev, deps: event.deps, proof: event.proof, lamport: event.lamport,
                wallMilliseconds: event.wallMilliseconds, body: event.body)
            #expect(Envelope.id(of: draft.payload).hex == entry.id, "\(entry.name)")
        }
    }

    @Test func `each event is allowed, void or dropped with the code of the vectors`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let server = try #require(Server.ID(hex: file.second.events[0].id))
        var replica = Replica(id: server)
        for entry in file.second.events {
            let bytes = try #require([UInt8](hex: entry.envelope))
            let verdict = replica.receive(bytes, wallMilliseconds: EventVectorTests.wall)
            guard case .stored(let stored) = verdict else {
                Issue.record("\(entry.name): \(verdict)")
                continue
            }
            #expect(stored.count == 1, "\(entry.name)")
            if file.second.loose.contains(entry.id) { continue }
            #expect(stored.first?.void?.code.word == entry.verdict, "\(entry.name)")
        }
        for entry in file.second.dropped {
            let bytes = try #require([UInt8](hex: entry.envelope))
            let verdict = replica.receive(bytes, wallMilliseconds: EventVectorTests.wall)
            if case .stored = verdict { Issue.record("\(entry.name) was stored") }
            #expect(verdict.word == entry.verdict ?? verdict.word)
        }
    }

    @Test func `the history gives the rows, the sums and the state hash`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let server = try #require(Server.ID(hex: file.second.events[0].id))
        let state = try Self.replica(file.second.events, server: server).state
        let rows = Set(
            (StateRows.few(of: state) + StateRows.many(of: state)).map(\.row.hex))
        for row in rows.subtracting(file.second.state.rows) { Issue.record("unexpected \(row)") }
        for row in Set(file.second.state.rows).subtracting(rows) { Issue.record("missing \(row)") }
        #expect(StateHash.encoding(of: state).hex == file.second.state.encoding)
        #expect(StateHash.hash(of: state).hex == file.second.state.hash)
        #expect(FrontierDigest.of(state).hex == file.second.frontier_digest)
        #expect(Set(state.looseIDs.map(\.hex)) == Set(file.second.loose))
    }

    @Test func `any order of arrival gives that state`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let server = try #require(Server.ID(hex: file.second.events[0].id))
        for seed in 1...50 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let rest = file.second.events.dropFirst().shuffled(using: &random)
            let state = try Self.replica([file.second.events[0]] + rest, server: server).state
            #expect(StateHash.hash(of: state).hex == file.second.state.hash, "seed \(seed)")
        }
    }
}
