import PeerState
import PeerTesting
import Testing

/// `event.json`: ids, signatures, refusals and the state hash of the first history.
@Suite struct EventVectorTests {
    struct File: Decodable {
        struct Entry: Decodable {
            let name: String
            let payload: String
            let id: String
            let signature: String
            let envelope: String
        }
        struct Reject: Decodable {
            let why: String
            let envelope: String
            let error: String
        }
        struct StateVector: Decodable {
            let rows: [String]
            let encoding: String
            let hash: String
        }
        struct Second: Decodable {
            let events: [Entry]
        }
        let seeds: [String: String]
        let events: [Entry]
        let reject: [Reject]
        let state: StateVector
        let second: Second
        let crypto: [String: String]
    }

    static let wall: UInt64 = 1_800_000_000_000

    static func accepted(_ file: File) throws -> Replica {
        let server = try #require(Server.ID(hex: file.events[0].id))
        var replica = Replica(id: server)
        for entry in file.events {
            let verdict = replica.receive(
                try #require([UInt8](hex: entry.envelope)), wallMilliseconds: wall)
            guard case .stored(let stored) = verdict else {
                Issue.record("\(entry.name): \(verdict)")
                continue
            }
            #expect(stored.count == 1)
            #expect(stored.first?.void == nil, "\(entry.name)")
        }
        return replica
    }

    @Test func `ids, signatures and re-encoding match`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        for entry in file.events + file.second.events {
            let bytes = try #require([UInt8](hex: entry.envelope))
            let envelope = try Envelope(decoding: bytes)
            #expect(envelope.payload.hex == entry.payload)
            #expect(envelope.id.hex == entry.id)
            #expect(envelope.signature.bytes.hex == entry.signature)
            #expect(envelope.bytes == bytes)
            let event = try Event(decoding: envelope)
            #expect(envelope.isSigned(by: event.author))
            let draft = EventDraft(
                server: event.declaredServer, author: event.author, seq: event.seq,
                prev: event.prev, deps: event.deps, proof: event.proof, lamport: event.lamport,
                wallMilliseconds: event.wallMilliseconds, body: event.body)
            #expect(draft.payload == envelope.payload, "\(entry.name)")
        }
    }

    @Test func `signing the first events again gives the same bytes`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let seed = try #require([UInt8](hex: file.seeds["owner"] ?? ""))
        let key = SigningKey(seed: seed)
        for entry in file.events.prefix(3) {
            let envelope = Envelope(payload: try #require([UInt8](hex: entry.payload)), key: key)
            #expect(envelope.signature.bytes.hex == entry.signature)
        }
    }

    @Test func `every refused envelope gets its code`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        #expect(file.reject.count == 62)
        for reject in file.reject {
            var replica = try Self.accepted(file)
            let verdict = replica.receive(
                try #require([UInt8](hex: reject.envelope)), wallMilliseconds: Self.wall)
            #expect(verdict.word == reject.error, "\(reject.why)")
        }
    }

    @Test func `the nine events give the state hash, row by row`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let state = try Self.accepted(file).state
        let rows = StateRows.few(of: state).map(\.row.hex)
        for row in rows { #expect(file.state.rows.contains(row), "unexpected row \(row)") }
        #expect(StateHash.encoding(of: state).hex == file.state.encoding)
        #expect(StateHash.hash(of: state).hex == file.state.hash)
    }

    @Test func `the sealed message opens with the channel key, and nowhere else`() throws {
        guard let file: File = try Vectors.load("event") else { return }
        let replica = try Self.accepted(file)
        let key = try #require([UInt8](hex: file.crypto["channel_key"] ?? ""))
        let entry = try #require(file.events.first { $0.name == "message.post" })
        let event = try Event(
            decoding: Envelope(decoding: try #require([UInt8](hex: entry.envelope))))
        let body = try #require(event.body as? MessagePosted)
        let epoch = try #require(replica.state.epochs[body.sealed.epoch])
        let context = ChannelCrypto.context(
            server: event.server, channel: body.channel, author: epoch.author, salt: epoch.salt)
        #expect(context.hex == file.crypto["epoch_context"])
        #expect(ChannelCrypto.commitment(key: key, context: context) == epoch.commit)
        #expect(ChannelCrypto.messageKey(key).hex == file.crypto["message_key"])
        func place(seq: UInt64) -> MessagePlace {
            MessagePlace(
                server: event.server, channel: body.channel, epoch: epoch.id, commit: epoch.commit,
                author: event.author, seq: seq, prev: event.prev, kind: event.kind)
        }
        #expect(place(seq: event.seq).aad.hex == file.crypto["aad"])
        let opened = try place(seq: event.seq).open(body.sealed, channelKey: key)
        #expect(opened.text == "hello")
        #expect(opened.encoded.hex == file.crypto["plaintext"])
        let failure = #expect(throws: Failure<RuleCode>.self) {
            try place(seq: event.seq + 1).open(body.sealed, channelKey: key)
        }
        #expect(failure?.code == .undecryptable)
    }
}
