import PeerState

/// What the last accepted events of a founder make, for inputs that arrive after them.
struct FuzzHistory {
    let server: Server.ID
    let replica: Replica
    let keys: [SigningKey]
    let envelopes: [[UInt8]]

    init() throws {
        let founder = SigningKey(seed: [UInt8](repeating: 1, count: 32))
        let member = SigningKey(seed: [UInt8](repeating: 2, count: 32))
        let body = ServerCreated(
            name: "harbour", isDirect: false, participants: [],
            nonce: [UInt8](repeating: 3, count: 16))
        let writer = Replica.Writer(key: founder, wallMilliseconds: 1_700_000_000_000)
        var (replica, created) = try Replica.found(body, by: writer)
        var stored = [created]
        stored += try replica.author(
            MemberGranted(target: member.publicKey, level: .member), by: writer)
        stored += try replica.author(ChannelCreated(name: "general"), by: writer)
        stored += try replica.author(ProfileUpdated(displayName: "ann"), by: writer)
        let other = Replica.Writer(key: member, wallMilliseconds: 1_700_000_000_001)
        stored += try replica.author(ProfileUpdated(displayName: "bob"), by: other)
        stored += try replica.author(Acknowledged(), by: writer)
        server = replica.id
        keys = [founder, member]
        self.replica = replica
        envelopes = stored.map(\.envelope.bytes)
    }

    static let shared: FuzzHistory? = {
        do { return try FuzzHistory() } catch { return nil }
    }()
}

extension FuzzTarget {
    static let cbor = FuzzTarget(name: "cbor", corpus: { $0.binary }) { bytes throws(Broken) in
        let value: CBORValue
        do { value = try CBORValue(decoding: bytes) } catch { return }
        do { try CBORScan.check(bytes) } catch {
            throw Broken("decoded, though the scan refuses it: \(error)")
        }
        guard value.encoded == bytes else { throw Broken("decode, encode gives other bytes") }
    }

    static let event = FuzzTarget(
        name: "event",
        corpus: { corpus in
            corpus.binary.filter { $0.count > 120 } + (FuzzHistory.shared?.envelopes ?? [])
        }
    ) { bytes throws(Broken) in
        let envelope: Envelope
        do { envelope = try Envelope(decoding: bytes) } catch { return }
        guard envelope.bytes == bytes else { throw Broken("envelope: decode, encode differs") }
        guard let server = FuzzHistory.shared?.server else { return }
        do {
            let event = try Event(decoding: envelope, for: server)
            guard event.id == envelope.id else { throw Broken("the event has another id") }
            guard event.edges.count <= 4 * Limits.maxDeps + 64 else {
                throw Broken("an event has \(event.edges.count) edges")
            }
        } catch let broken as Broken {
            throw broken
        } catch {
            return  // A failure code is fine.
        }
    }

    /// A refused event leaves the state as it was, also when its author has signed it.
    static let fold = FuzzTarget(
        name: "fold", corpus: { _ in FuzzHistory.shared?.envelopes ?? [] }
    ) { bytes throws(Broken) in
        guard let history = FuzzHistory.shared else { return }
        var inputs = [bytes]
        do {
            let payload = try Envelope(decoding: bytes).payload
            inputs += history.keys.map { Envelope(payload: payload, key: $0).bytes }
        } catch {
            // Not even an envelope: offered as it is.
        }
        for input in inputs {
            var replica = history.replica
            let before = StateHash.hash(of: replica.state)
            let verdict = replica.receive(input, source: 1, wallMilliseconds: 1_800_000_000_000)
            if case .stored = verdict { continue }
            guard StateHash.hash(of: replica.state) == before else {
                throw Broken("an event that was not stored changed the state")
            }
        }
    }
}
