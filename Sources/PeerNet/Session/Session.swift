package import PeerState

/// One link from its first byte to its last: handshake, records, keep-alive and misbehaviour.
///
/// Knows no socket: bytes go in, bytes come out. Frames other than Ping, Pong, Bye and Rekey are
/// handed to the caller. Nothing is written in clear.
/// - Source: PROTOCOL 8.1, 8.2; HOSTILE H-001 … H-017.
package struct Session: Sendable {
    package enum Role: Hashable, Sendable {
        /// With the key that must answer, unless any may.
        case dialler(expected: Peer.ID?)
        case listener
    }

    package enum Input: Sendable {
        /// The connection is up.
        case start
        case bytes([UInt8])
        /// One frame, 1 … `Limits.maxFrame` bytes; dropped unless the session is open.
        case send(frame: [UInt8])
        /// The connection is gone.
        case closed
        /// The time of the last `wake` has come; earlier or later does no harm.
        case tick
    }

    package enum Effect: Equatable, Sendable {
        case write([UInt8])
        /// Once, before any frame.
        case established(PeerHello)
        /// One CBOR array, canonical, whose first element is an unsigned integer.
        case frame([UInt8])
        /// More frames that need no work than a second may have: it counts against the peer.
        case flooded
        /// Replaces the time of an earlier wake.
        case wake(at: Instant)
        /// The last effect: let what was written leave, then close.
        case close(NetFailure)

        var isWrite: Bool { if case .write = self { true } else { false } }
    }

    enum Phase: Sendable {
        case fresh
        case awaitingFirst
        case awaitingSecond(InitiatorWaiting)
        case awaitingThird(ResponderWaiting)
        case open
        case closed
    }

    package let role: Role
    /// Who is on the other side, once the handshake has proved it.
    package internal(set) var peer: PeerHello?
    /// Why the handshake failed, when it did.
    package internal(set) var problem: HandshakeProblem?
    /// The newest measure of the way there and back.
    package internal(set) var roundTrip: Milliseconds?
    /// When to rekey even before the time has come; smaller in tests.
    package var rekeyAfterRecords = Limits.rekeyAfterRecords

    let identity: SigningKey
    let staticKey: ExchangeKey
    let prologue: [UInt8]
    let incarnation: [UInt8]
    let features: UInt64
    let listenPort: UInt64
    var entropy: Entropy

    var phase = Phase.fresh
    let handshakeDeadline: Instant
    /// When the last handshake message left.
    var sentAt: Instant
    private var framer = Framer()
    var records: RecordLayer?
    var keepAlive: KeepAlive
    var misbehaviour: Misbehaviour

    /// - Parameters:
    ///   - staticKey: fresh per process start; proves nothing by itself.
    ///   - incarnation: 16 bytes.
    ///   - entropy: a generator of this session alone.
    ///   - now: when the connection came up; the handshake's time counts from here.
    package init(
        role: Role, identity: SigningKey, staticKey: ExchangeKey, network: String,
        incarnation: [UInt8], features: UInt64, listenPort: UInt64, entropy: Entropy, now: Instant
    ) {
        precondition(
            incarnation.count == HandshakePayload.incarnationByteCount && listenPort <= 65_535,
            "an incarnation is 16 bytes, a port 16 bits")
        self.role = role
        self.identity = identity
        self.staticKey = staticKey
        prologue = Handshake.prologue(network: network)
        self.incarnation = incarnation
        self.features = features
        self.listenPort = listenPort
        self.entropy = entropy
        handshakeDeadline = now + Limits.handshakeTimeout
        sentAt = now
        keepAlive = KeepAlive(now: now)
        misbehaviour = Misbehaviour(now: now)
    }

    package var isOpen: Bool { if case .open = phase { true } else { false } }
    package var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Frames of the other side that did not read, also those reported by upper layers.
    package var badFrameCount: UInt64 { misbehaviour.badFrameCount }

    /// After the effect `close` every input gives nothing.
    package mutating func handle(_ input: Input, now: Instant) -> [Effect] {
        if isClosed { return [] }
        switch input {
        case .start: return start(now)
        case .bytes(let bytes): return receive(bytes, now)
        case .send(let frame): return isOpen ? write(frame, now) : []
        case .closed: return end(NetFailure(.linkClosed, "the connection ended"))
        case .tick: return tick(now)
        }
    }

    /// An upper layer found a frame that passed here to be bad: rejects it, and closes at the
    /// third.
    package mutating func reportBadFrame(
        about type: UInt64, server: Server.ID?, now: Instant
    ) -> [Effect] {
        isOpen ? badFrame(about: type, server: server, now) : []
    }

    /// Says why and closes, such as `superseded` or `overCredit`.
    package mutating func close(_ failure: NetFailure, now: Instant) -> [Effect] {
        if isClosed { return [] }
        guard isOpen else { return end(failure) }
        var writer = CBORWriter()
        writer.array(2)
        writer.unsigned(FrameType.bye)
        writer.text(failure.code.word)
        let goodbye = write(writer.bytes, now)
        return isClosed ? goodbye : goodbye + end(failure)
    }

    /// Forgets keys and closes without another word.
    mutating func end(_ failure: NetFailure) -> [Effect] {
        phase = .closed
        records = nil
        framer = Framer()
        return [.close(failure)]
    }

    private mutating func receive(_ bytes: [UInt8], _ now: Instant) -> [Effect] {
        guard isOpen || now < handshakeDeadline else { return fail(.timeout) }
        framer.push(bytes)
        var effects: [Effect] = []
        do throws(NetFailure) {
            while !isClosed, let message = try framer.next() {
                effects += isOpen ? record(message, now) : handshake(message, now)
            }
        } catch {
            effects += isOpen ? end(error) : fail(.emptyMessage)
        }
        return Self.writesFirst(effects)
    }

    /// Puts what is sealed already before the frames that came with it: whoever performs a frame
    /// seals the answers, and records must leave in the order in which they were sealed.
    private static func writesFirst(_ effects: [Effect]) -> [Effect] {
        guard effects.dropFirst().contains(where: \.isWrite) else { return effects }
        return effects.filter(\.isWrite) + effects.filter { !$0.isWrite }
    }

    private mutating func tick(_ now: Instant) -> [Effect] {
        if isOpen { return keepAlive(now) }
        return now >= handshakeDeadline ? fail(.timeout) : [.wake(at: handshakeDeadline)]
    }
}
