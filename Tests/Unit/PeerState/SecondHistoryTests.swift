import PeerState
import PeerTesting
import Testing

/// The second history of `event.json` as far as this version carries rules out.
@Suite struct SecondHistoryTests {
    struct File: Decodable {
        struct Entry: Decodable {
            let name: String
            let id: String
            let envelope: String
            let verdict: String?
        }
        struct Second: Decodable {
            let events: [Entry]
            let dropped: [Entry]
            let loose: [String]
        }
        let second: Second
    }

    static func event(_ entry: File.Entry, for server: Server.ID) throws -> Event {
        let bytes = try #require([UInt8](hex: entry.envelope))
        return try Replica.examine(Envelope(decoding: bytes), for: server)
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

    /// In order, each event is stored, allowed or void; the exceptions all rest on something that
    /// is not in force: who joined by a link is no member yet, so his events are dropped and what
    /// points at them waits.
    @Test func `each event is stored or waits for what is not in force`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let entries = file.second.events
        var replica = Replica(id: try #require(Server.ID(hex: entries[0].id)))
        var absent: Set<Event.ID> = []
        var admitted: Set<Peer.ID> = []
        for entry in entries {
            let event = try Self.event(entry, for: replica.id)
            if let admission = event.body as? MemberAdmitted { admitted.insert(admission.target) }
            let bytes = try #require([UInt8](hex: entry.envelope))
            let verdict = replica.receive(bytes, wallMilliseconds: EventVectorTests.wall)
            switch verdict {
            case .stored(let stored):
                #expect(stored.count == 1, "\(entry.name)")
                let word = stored.first?.void?.code.word
                let isExpected = word == entry.verdict || word == RuleCode.notInForce.word
                #expect(isExpected, "\(entry.name): \(word ?? "effective")")
            case .dropped(let failure):
                #expect(failure.code == .notMember && admitted.contains(event.author))
                absent.insert(event.id)
            case .waiting:
                #expect(!absent.isDisjoint(with: event.edges), "\(entry.name): \(verdict)")
                absent.insert(event.id)
            case .refused(let failure):
                #expect(failure.code == .forked && file.second.loose.contains(entry.id))
                absent.insert(event.id)
            case .duplicate, .early: Issue.record("\(entry.name): \(verdict)")
            }
        }
        for entry in file.second.dropped {
            let bytes = try #require([UInt8](hex: entry.envelope))
            let verdict = replica.receive(bytes, wallMilliseconds: EventVectorTests.wall)
            if case .stored = verdict { Issue.record("\(entry.name) was stored") }
        }
    }
}
