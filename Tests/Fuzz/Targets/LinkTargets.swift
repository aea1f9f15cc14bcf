import PeerNet
import PeerState

/// Two sessions side by side, whose bytes a target may change on the way.
struct FuzzPair {
    static let now = Instant(nanoseconds: 1_000_000_000)
    var dialler: Session
    var listener: Session

    init() {
        dialler = Self.session(.dialler(expected: nil), 1)
        listener = Self.session(.listener, 2)
    }

    private static func session(_ role: Session.Role, _ number: UInt8) -> Session {
        var entropy = Entropy.seeded(SeededRandom(seed: UInt64(number)))
        let staticKey = ExchangeKey.generate(&entropy)
        return Session(
            role: role, identity: SigningKey(seed: [UInt8](repeating: number, count: 32)),
            staticKey: staticKey, network: "main",
            incarnation: [UInt8](repeating: number, count: 16), features: 0, listenPort: 1,
            entropy: entropy, now: now)
    }

    static func written(_ effects: [Session.Effect]) -> [UInt8] {
        effects.flatMap { effect -> [UInt8] in
            if case .write(let bytes) = effect { bytes } else { [] }
        }
    }

    /// Exchanges messages until both are silent; `change` sees each message by its number.
    mutating func connect(_ change: (Int, [UInt8]) -> [UInt8]) {
        _ = listener.handle(.start, now: Self.now)
        var bytes = Self.written(dialler.handle(.start, now: Self.now))
        var number = 0
        while !bytes.isEmpty, number < 8 {
            let sent = change(number, bytes)
            bytes =
                number.isMultiple(of: 2)
                ? Self.written(listener.handle(.bytes(sent), now: Self.now))
                : Self.written(dialler.handle(.bytes(sent), now: Self.now))
            number += 1
        }
    }
}

extension FuzzTarget {
    static let frame = FuzzTarget(name: "frame", corpus: { _ in Self.frames }) {
        bytes throws(Broken) in
        let message: SyncMessage
        do {
            try CBORScan.check(bytes)
            message = try SyncMessage(decoding: bytes)
        } catch { return }
        if case .unsupported = message { return }
        let again: SyncMessage
        do { again = try SyncMessage(decoding: message.bytes) } catch {
            throw Broken("a message that was read and written does not read: \(message)")
        }
        guard again == message else { throw Broken("decode, encode, decode differs") }
    }

    private static var frames: [[UInt8]] {
        guard let history = FuzzHistory.shared else { return [] }
        let (server, envelopes) = (history.server, history.envelopes)
        let peer = SigningKey(seed: [UInt8](repeating: 1, count: 32)).publicKey
        let id = Envelope.id(of: [1])
        let hash = Sodium.blake2b([1])
        let messages: [SyncMessage] = [
            .hello(
                server,
                .init(
                    digest: hash, authors: 2, events: 9,
                    incarnation: [UInt8](repeating: 4, count: 16), foldVersion: 1, confirmed: 7)),
            .headsDelta(
                server,
                .init(
                    base: 3, serial: 4, entries: [.init(handle: 1, seq: 2, prefix: 3)],
                    hasMore: false)),
            .headAsk(server, handles: [1, 2, 3]),
            .headFull(server, [.init(author: peer, head: Head(seq: 4, id: id))]),
            .want(server, id: 1, [SeqRange(author: peer, from: 1, to: 9)], credit: 4_096),
            .preSync(server, id: 1, events: 4, bytes: 900),
            .events(server, id: 1, envelopes, isLast: true),
            .credit(id: 1, bytes: 100),
            .forkProof(server, envelopes[0], envelopes[1]),
            .iHave(server, [.init(id: id, handle: 1, seq: 2, round: 3)]),
            .graft(server, id, SeqRange(author: peer, from: 1, to: 2)),
            .prune(server, backoffSeconds: 60),
            .reject(.init(server: server, about: 16, code: "notMember")),
            .peers(server, [.init(peer: peer, addresses: ["10.0.0.1:4646"])]),
            .joinAnswer(
                server, .init(link: id, status: .admitted, code: nil, envelope: envelopes[0])),
            .push(server, round: 0, envelopes[2]),
            .stateAsk(server, nonce: 5, wantSections: true),
            .stateTell(
                server,
                .init(nonce: 5, digest: hash, events: 3, stateHash: hash, sections: nil)),
            .offer(server, Array(envelopes.prefix(2))),
        ]
        return messages.map(\.bytes)
    }

    static let handshakePayload = FuzzTarget(
        name: "handshakePayload", corpus: { _ in Self.payloads }
    ) { bytes throws(Broken) in
        let payload: HandshakePayload
        do { payload = try HandshakePayload(decoding: bytes) } catch { return }
        let again: HandshakePayload
        do { again = try HandshakePayload(decoding: payload.encoded) } catch {
            throw Broken("a payload that was read and written does not read")
        }
        guard again == payload else { throw Broken("decode, encode, decode differs") }
    }

    private static var payloads: [[UInt8]] {
        let key = SigningKey(seed: [UInt8](repeating: 1, count: 32))
        return [
            HandshakePayload(
                identity: key.publicKey, signature: key.sign([1]),
                incarnation: [UInt8](repeating: 1, count: 16), features: 3, listenPort: 4646
            ).encoded
        ]
    }

    /// The input says which of the three messages is changed, and becomes it: no pair of sessions
    /// may be open on both sides after that.
    static let handshake = FuzzTarget(name: "handshake", corpus: { _ in Self.handshakes }) {
        bytes throws(Broken) in
        guard let first = bytes.first else { return }
        let chosen = Int(first % 3)
        let input = Array(bytes.dropFirst())
        var pair = FuzzPair()
        var isSame = false
        pair.connect { number, sent in
            guard number == chosen else { return sent }
            // More bytes than the message may hold a valid one at their beginning.
            isSame = input.starts(with: sent)
            return input
        }
        guard isSame || !pair.dialler.isOpen || !pair.listener.isOpen else {
            throw Broken("open on both sides, though message \(chosen + 1) was changed")
        }
    }

    private static var handshakes: [[UInt8]] {
        var found: [[UInt8]] = []
        var pair = FuzzPair()
        pair.connect { number, sent in
            if number < 3 { found.append([UInt8(number)] + sent) }
            return sent
        }
        return found
    }

    /// Any frame inside a valid record: answered or refused, the link closed at the third bad one.
    static let session = FuzzTarget(name: "session", corpus: { _ in Self.frames }) {
        bytes throws(Broken) in
        guard (1...Limits.maxFrame).contains(bytes.count) else { return }
        var pair = FuzzPair()
        pair.connect { $1 }
        for _ in 0..<4 {
            let record = FuzzPair.written(
                pair.dialler.handle(.send(frame: bytes), now: FuzzPair.now))
            let effects = pair.listener.handle(.bytes(record), now: FuzzPair.now)
            guard effects.count <= 4 else {
                throw Broken("one frame has \(effects.count) effects")
            }
        }
        guard pair.listener.badFrameCount < 4 || pair.listener.isClosed else {
            throw Broken("still open after \(pair.listener.badFrameCount) bad frames")
        }
    }

    /// One byte at a time gives the same messages as all at once.
    static let framer = FuzzTarget(name: "framer", corpus: { _ in Self.framed }) {
        bytes throws(Broken) in
        guard Self.messages(bytes, step: bytes.count) == Self.messages(bytes, step: 1),
            Self.messages(bytes, step: 7) == Self.messages(bytes, step: 1)
        else { throw Broken("another split of the bytes gives other messages") }
    }

    private static var framed: [[UInt8]] {
        [
            Framer.frame([1]) + Framer.frame([2, 3]),
            Framer.frame([UInt8](repeating: 9, count: 300)), [0, 0], [255, 255, 1],
        ]
    }

    private static func messages(_ bytes: [UInt8], step: Int) -> [[UInt8]] {
        var framer = Framer()
        var found: [[UInt8]] = []
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                framer.push(Array(rest.prefix(max(1, step))))
                rest = rest.dropFirst(max(1, step))
                while let message = try framer.next() { found.append(message) }
            }
        } catch {
            found.append([])  // Where it failed counts as well.
        }
        return found
    }
}
