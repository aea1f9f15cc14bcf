package import PeerState

extension Session {
    // Sending

    mutating func write(_ frame: [UInt8], _ now: Instant) -> [Effect] {
        var effects: [Effect] = []
        if let records, records.sentRecords >= rekeyAfterRecords { effects += rekey(now) }
        return effects + seal(frame)
    }

    private mutating func seal(_ frame: [UInt8]) -> [Effect] {
        do throws(NetFailure) {
            guard let output = try records?.seal(frame) else { return [] }
            return [.write(output)]
        } catch {
            return end(error)
        }
    }

    private mutating func rekey(_ now: Instant) -> [Effect] {
        let effects = seal(Self.frame(FrameType.rekey))
        records?.rekeySending()
        keepAlive.rekeyed(now: now)
        return effects
    }

    mutating func keepAlive(_ now: Instant) -> [Effect] {
        if keepAlive.isDead(now: now) {
            return end(NetFailure(.timeout, "nothing heard for a long time"))
        }
        var effects: [Effect] = []
        if now >= keepAlive.rekeyAt { effects += rekey(now) }
        if !isClosed, keepAlive.wantsPing(now: now) {
            let nonce = entropy.next()
            keepAlive.pinged(nonce, now: now)
            effects += write(Self.frame(FrameType.ping, nonce), now)
        }
        return isClosed ? effects : effects + [.wake(at: keepAlive.nextWake(now: now))]
    }

    private static func frame(_ type: UInt64, _ elements: UInt64...) -> [UInt8] {
        var writer = CBORWriter(reserving: 16)
        writer.array(1 + elements.count)
        writer.unsigned(type)
        for element in elements { writer.unsigned(element) }
        return writer.bytes
    }

    // Receiving

    mutating func record(_ message: [UInt8], _ now: Instant) -> [Effect] {
        do throws(NetFailure) {
            guard let opened = try records?.open(message) else { return [] }
            keepAlive.heard(now: now)
            switch opened {
            case .more(let count): return count > 0 ? [] : idle(now)
            case .malformed: return badFrame(about: 0, server: nil, now)
            case .frame(let frame): return received(frame, now)
            }
        } catch {
            return end(error)
        }
    }

    private mutating func received(_ frame: [UInt8], _ now: Instant) -> [Effect] {
        var type: UInt64 = 0
        do throws(Failure<WireCode>) {
            try CBORScan.check(frame)
            var reader = CBORReader(frame)
            guard try reader.array() > 0 else { throw reader.wrong("type") }
            type = try reader.unsigned()
            switch type {
            case FrameType.ping: return ping(try reader.unsigned(), now)
            case FrameType.pong: return pong(try reader.unsigned(), now)
            case FrameType.bye: return bye(try reader.text(max: Limits.byeCode))
            case FrameType.rekey:
                records?.rekeyReceiving()
                return idle(now)
            case FrameType.credit where misbehaviour.creditFrame(now: now):
                return [.flooded, .frame(frame)]
            case Limits.firstIgnoredFrameType...: return idle(now)
            case let type where FrameType.isUpper(type): return [.frame(frame)]
            default: throw reader.wrong("type")
            }
        } catch {
            return badFrame(about: type, server: nil, now)
        }
    }

    private mutating func ping(_ nonce: UInt64, _ now: Instant) -> [Effect] {
        let effects = idle(now)
        guard !isClosed, misbehaviour.mayAnswerPing() else { return effects }
        return write(Self.frame(FrameType.pong, nonce), now)
    }

    private mutating func pong(_ nonce: UInt64, _ now: Instant) -> [Effect] {
        if let time = keepAlive.answered(nonce, now: now) { roundTrip = time }
        return idle(now)
    }

    private mutating func bye(_ word: String) -> [Effect] {
        // A word that is not ours is data of the other side: it stays out of the log.
        let code = NetCode(word: word)
        return end(
            NetFailure(code ?? .closedByPeer, "the other side said goodbye"))
    }

    /// Counts a frame that needs no work; too many cost score, and that ends the link.
    private mutating func idle(_ now: Instant) -> [Effect] {
        misbehaviour.idleFrame(now: now) ? [.flooded] : []
    }

    mutating func badFrame(
        about type: UInt64, server: Server.ID?, _ now: Instant
    ) -> [Effect] {
        var writer = CBORWriter()
        writer.array(6)
        writer.unsigned(FrameType.reject)
        writer.optional(server) { $0.identifier($1) }
        writer.unsigned(type)
        writer.null()
        writer.text(NetCode.badFrame.word)
        writer.text("")
        let effects = write(writer.bytes, now)
        return effects + countBadFrame(now: now)
    }

    /// Counts a frame that an upper layer has rejected itself; closes at the third.
    package mutating func countBadFrame(now: Instant) -> [Effect] {
        guard isOpen, misbehaviour.badFrame(now: now) else { return [] }
        let failure = NetFailure(.badFrame, "\(Limits.badFrames) frames that do not read")
        return close(failure, now: now)
    }
}
