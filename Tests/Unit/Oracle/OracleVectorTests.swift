import PeerState
import PeerTesting
import Testing

/// The oracle reproduces the histories of `event.json`: verdicts, rows, sections and digests.
@Suite struct OracleVectorTests {
    struct Expected: Decodable {
        let rows: [String]
        let sections: [[SectionItem]]
        let encoding: String
        let hash: String
    }

    enum SectionItem: Decodable {
        case number(UInt64)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            do {
                self = .number(try container.decode(UInt64.self))
            } catch is DecodingError {
                self = .text(try container.decode(String.self))
            }
        }

        var description: String {
            switch self {
            case .number(let value): "\(value)"
            case .text(let value): value
            }
        }
    }

    struct Entry: Decodable {
        let name: String
        let id: String
        let envelope: String
        let verdict: String?
    }

    struct File: Decodable {
        struct Misc: Decodable {
            let frontier_digest: String
        }
        struct Second: Decodable {
            let events: [Entry]
            let dropped: [Entry]
            let loose: [String]
            let frontier_digest: String
            let state: Expected
        }
        struct Reject: Decodable {
            let why: String
            let envelope: String
            let error: String
        }
        let events: [Entry]
        let reject: [Reject]
        let misc: Misc
        let state: Expected
        let second: Second
    }

    static func oracle(_ entries: [Entry]) throws -> OracleState {
        let envelopes = try entries.map { entry in
            try Envelope(decoding: #require([UInt8](hex: entry.envelope)))
        }
        return try OracleState(envelopes, server: #require(Server.ID(hex: entries[0].id)))
    }

    static func compare(_ state: OracleState, _ expected: Expected) {
        let rows = Set(state.rows.flatMap { $0 }.map(\.hex))
        #expect(rows.subtracting(expected.rows).sorted() == [])
        #expect(Set(expected.rows).subtracting(rows).sorted() == [])
        let sections = state.sections.map { "\($0.number) \($0.count) \($0.sum.hex)" }
        let wanted = expected.sections.map { $0.map(\.description).joined(separator: " ") }
        #expect(sections == wanted)
        #expect(state.encoding.hex == expected.encoding)
        #expect(state.hash.hex == expected.hash)
    }

    @Test func `the nine events give their state`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let state = try Self.oracle(file.events)
        Self.compare(state, file.state)
        #expect(state.frontierDigest.hex == file.misc.frontier_digest)
        #expect(state.verdicts.values.allSatisfy { $0 == .effective })
    }

    @Test func `the second history gives its verdicts and state`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let second = file.second
        let state = try Self.oracle(second.events + second.dropped)
        Self.compare(state, second.state)
        #expect(state.frontierDigest.hex == second.frontier_digest)
        for entry in second.events {
            let verdict = try state.verdicts[#require(Event.ID(hex: entry.id))]
            if let code = entry.verdict {
                #expect(verdict == .inadmissible(code), "\(entry.name)")
            } else if second.loose.contains(entry.id) {
                #expect(verdict == .loose, "\(entry.name)")
            } else if entry.name.contains("voided by a removal") {
                #expect(verdict == .void("voidedByRemoval"), "\(entry.name)")
            } else {
                #expect(verdict == .effective, "\(entry.name)")
            }
        }
        for entry in second.dropped {
            let id = try #require(Event.ID(hex: entry.id))
            #expect(state.verdicts[id] == .dropped(entry.verdict ?? ""), "\(entry.name)")
        }
    }

    @Test func `what steps 6 and 9 to 12 refuse is dropped or waits`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let codes = ["badChain", "badLamport", "badProof", "wrongServer", "duplicateCreate"]
        let envelopes = try file.events.map { entry in
            try Envelope(decoding: #require([UInt8](hex: entry.envelope)))
        }
        let server = try #require(Server.ID(hex: file.events[0].id))
        var count = 0
        for reject in file.reject {
            let isMissing = reject.error.hasPrefix("missing")
            guard isMissing || codes.contains(reject.error) else { continue }
            let bytes = try #require([UInt8](hex: reject.envelope))
            let envelope = try Envelope(decoding: bytes)
            let state = try OracleState(envelopes + [envelope], server: server)
            let expected: OracleState.Verdict = isMissing ? .waiting : .dropped(reject.error)
            #expect(state.verdicts[envelope.id] == expected, "\(reject.why)")
            #expect(state.hash.hex == file.state.hash, "\(reject.why)")
            count += 1
        }
        #expect(count >= 9)
    }
}
