import PeerState

extension Session {
    mutating func start(_ now: Instant) -> [Effect] {
        guard case .fresh = phase else { return [] }
        sentAt = now
        switch role {
        case .listener:
            phase = .awaitingFirst
            return [.wake(at: handshakeDeadline)]
        case .dialler:
            let start = InitiatorStart(prologue: prologue, staticKey: staticKey, &entropy)
            do throws(NetFailure) {
                let (message, next) = try start.send()
                phase = .awaitingSecond(next)
                return [.write(Framer.frame(message)), .wake(at: handshakeDeadline)]
            } catch {
                return fail(.noise, error.detail)
            }
        }
    }

    /// Any failed check closes without an answer.
    mutating func fail(_ problem: HandshakeProblem, _ detail: String? = nil) -> [Effect] {
        self.problem = problem
        let code: NetCode = problem == .timeout ? .timeout : .badHandshake
        return end(NetFailure(code, detail ?? problem.rawValue))
    }

    mutating func handshake(_ message: [UInt8], _ now: Instant) -> [Effect] {
        do {
            switch phase {
            case .awaitingFirst: return try first(message, now)
            case .awaitingSecond(let waiting): return try second(message, waiting, now)
            case .awaitingThird(let waiting): return try third(message, waiting, now)
            case .fresh, .open, .closed: return fail(.noise, "a message before its time")
            }
        } catch let problem as HandshakeProblem {
            return fail(problem)
        } catch let failure as NetFailure {
            return fail(.noise, failure.detail)
        } catch {
            return fail(.noise, "\(error)")
        }
    }

    private mutating func first(_ message: [UInt8], _ now: Instant) throws -> [Effect] {
        guard message.count == 32 else { throw HandshakeProblem.firstMessage }
        // Keys are made only for somebody who has sent something.
        let start = ResponderStart(prologue: prologue, staticKey: staticKey, &entropy)
        let (_, replying) = try start.receive(message)
        let (answer, next) = try replying.send { ownPayload(.responder, hash: $0) }
        phase = .awaitingThird(next)
        sentAt = now
        return [.write(Framer.frame(answer))]
    }

    private mutating func second(
        _ message: [UInt8], _ waiting: InitiatorWaiting, _ now: Instant
    ) throws -> [Effect] {
        try Self.checkSize(message, overhead: Handshake.secondOverhead)
        let (received, finishing) = try waiting.receive(message)
        let payload = try verified(received, .responder)
        let (answer, transport) = try finishing.send { ownPayload(.initiator, hash: $0) }
        return [.write(Framer.frame(answer))] + establish(payload, transport, now)
    }

    private mutating func third(
        _ message: [UInt8], _ waiting: ResponderWaiting, _ now: Instant
    ) throws -> [Effect] {
        try Self.checkSize(message, overhead: Handshake.thirdOverhead)
        let (received, transport) = try waiting.receive(message)
        return establish(try verified(received, .initiator), transport, now)
    }

    private static func checkSize(_ message: [UInt8], overhead: Int) throws(HandshakeProblem) {
        guard message.count <= overhead + Limits.maxHandshakePayload else { throw .payload }
    }

    /// What the other side says about itself, after every check.
    private func verified(
        _ received: Handshake.Received, _ role: HandshakePayload.Role
    ) throws -> HandshakePayload {
        let payload = try HandshakePayload(decoding: received.payload)
        let isSigned = payload.isSigned(
            role, staticKey: received.remoteStatic, hash: received.hash)
        guard isSigned else { throw HandshakeProblem.signature }
        guard payload.identity != identity.publicKey else { throw HandshakeProblem.ownIdentity }
        if case .dialler(let expected?) = self.role, expected != payload.identity {
            throw HandshakeProblem.otherIdentity
        }
        return payload
    }

    private func ownPayload(_ role: HandshakePayload.Role, hash: [UInt8]) -> [UInt8] {
        let signed = HandshakePayload.signedBytes(
            role, staticKey: staticKey.publicKey, hash: hash)
        return HandshakePayload(
            identity: identity.publicKey, signature: identity.sign(signed),
            incarnation: incarnation, features: features, listenPort: listenPort
        ).encoded
    }

    private mutating func establish(
        _ payload: HandshakePayload, _ transport: NoiseTransport, _ now: Instant
    ) -> [Effect] {
        let roundTrip = Milliseconds(now.milliseconds(since: sentAt))
        let hello = PeerHello(
            identity: payload.identity, incarnation: payload.incarnation,
            features: payload.features, listenPort: payload.listenPort,
            handshakeHash: transport.handshakeHash, roundTrip: roundTrip)
        peer = hello
        self.roundTrip = roundTrip
        records = RecordLayer(transport)
        keepAlive = KeepAlive(now: now)
        misbehaviour = Misbehaviour(now: now)
        phase = .open
        return [.established(hello), .wake(at: keepAlive.nextWake(now: now))]
    }
}
