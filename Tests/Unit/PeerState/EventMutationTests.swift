import PeerState
import PeerTesting
import Testing

/// HOSTILE H-042: no changed byte, cut or swapped field of a valid event has any effect.
@Suite struct EventMutationTests {
    /// One event of the vectors and a replica that holds everything before it.
    struct Case {
        let name: String
        let bytes: [UInt8]
        let replica: Replica

        var payload: [UInt8] {
            get throws { try Envelope(decoding: bytes).payload }
        }
        /// Where the 64 bytes of the signature begin.
        var signatureStart: Int { bytes.count - Signature.byteCount }
        /// Where the payload begins: after the array head and the byte string head.
        var payloadStart: Int {
            get throws { signatureStart - 2 - (try payload.count) }
        }
    }

    static let eventCount = 9 + 57

    /// `nil` where there is no shared data.
    static func vectorCase(_ index: Int) throws -> Case? {
        guard let file: EventVectorTests.File = try Vectors.load("event") else { return nil }
        try #require(file.events.count + file.second.events.count == eventCount)
        let isSecond = index >= file.events.count
        let entries = isSecond ? file.second.events : file.events
        let place = isSecond ? index - file.events.count : index
        var replica = Replica(id: try #require(Server.ID(hex: entries[0].id)))
        for entry in entries.prefix(place) {
            _ = replica.receive(
                try #require([UInt8](hex: entry.envelope)), wallMilliseconds: EventVectorTests.wall)
        }
        return Case(
            name: entries[place].name, bytes: try #require([UInt8](hex: entries[place].envelope)),
            replica: replica)
    }

    /// Offers changed bytes one after the other; whatever remained of one would meet the next.
    static func expectNoEffect(
        _ start: Case, _ changes: [(bytes: [UInt8], allowed: (WireCode) -> Bool, what: String)]
    ) {
        var replica = start.replica
        let hash = StateHash.hash(of: replica.state)
        for change in changes {
            let verdict = replica.receive(change.bytes, wallMilliseconds: EventVectorTests.wall)
            guard case .refused(let failure) = verdict else {
                Issue.record("\(start.name), \(change.what): \(verdict)")
                continue
            }
            #expect(change.allowed(failure.code), "\(start.name), \(change.what): \(failure)")
        }
        #expect(StateHash.hash(of: replica.state) == hash)
        #expect(replica.state.graph.count == start.replica.state.graph.count)
        #expect(replica.pending.count == start.replica.pending.count)
        // None of it stands in the way of the event itself.
        var untouched = start.replica
        let expected = untouched.receive(start.bytes, wallMilliseconds: EventVectorTests.wall)
        let verdict = replica.receive(start.bytes, wallMilliseconds: EventVectorTests.wall)
        #expect("\(verdict)" == "\(expected)")
        #expect(StateHash.hash(of: replica.state) == StateHash.hash(of: untouched.state))
    }

    /// Steps 1 and 2, and the strict decoding of step 5.
    static func isStructural(_ code: WireCode) -> Bool {
        code.rawValue <= WireCode.badEnvelope.rawValue
    }

    /// Everything up to step 8.
    static func isBeforeChain(_ code: WireCode) -> Bool {
        code.isPenalised && ![.badChain, .badLamport, .badProof].contains(code)
    }

    @Test(arguments: 0..<eventCount)
    func `H-042 every flipped byte is refused and leaves nothing behind`(index: Int) throws {
        guard let start = try Self.vectorCase(index) else { return }
        let payload = try start.payloadStart..<(start.signatureStart - 2)
        var changes: [(bytes: [UInt8], allowed: (WireCode) -> Bool, what: String)] = []
        for position in start.bytes.indices {
            for bit in 0..<8 {
                var bytes = start.bytes
                bytes[position] ^= 1 << UInt8(bit)
                let allowed: (WireCode) -> Bool =
                    if payload.contains(position) {
                        Self.isBeforeChain
                    } else if position >= start.signatureStart {
                        { $0 == .badSignature }
                    } else {
                        Self.isStructural
                    }
                changes.append((bytes, allowed, "byte \(position), bit \(bit)"))
            }
        }
        Self.expectNoEffect(start, changes)
    }

    @Test(arguments: 0..<eventCount)
    func `H-042 every truncation is refused, and a byte too many`(index: Int) throws {
        guard let start = try Self.vectorCase(index) else { return }
        let cuts: [(bytes: [UInt8], allowed: (WireCode) -> Bool, what: String)] =
            start.bytes.indices.map { length in
                (
                    Array(start.bytes.prefix(length)),
                    { $0 == .cborTruncated || $0 == .cborLength }, "\(length) bytes"
                )
            }
        let longer = (start.bytes + [0], { (code: WireCode) in code == .cborTrailing }, "longer")
        Self.expectNoEffect(start, cuts + [longer])
    }

    @Test(arguments: 0..<eventCount)
    func `H-042 every truncated payload in a whole envelope is refused`(index: Int) throws {
        guard let start = try Self.vectorCase(index) else { return }
        let payload = try start.payload
        let signature = Array(start.bytes[start.signatureStart...])
        Self.expectNoEffect(
            start,
            payload.indices.map { length in
                (
                    Forgery.envelope(Array(payload.prefix(length)), signature: signature),
                    { $0 == .cborTruncated || $0 == .cborLength }, "payload of \(length) bytes"
                )
            })
    }

    @Test(arguments: 0..<eventCount)
    func `H-042 every pair of swapped fields is refused`(index: Int) throws {
        guard let start = try Self.vectorCase(index) else { return }
        guard case .array(let fields) = try CBORValue(decoding: start.payload) else { return }
        let signature = Array(start.bytes[start.signatureStart...])
        var changes: [(bytes: [UInt8], allowed: (WireCode) -> Bool, what: String)] = []
        for left in fields.indices {
            for right in fields.indices where right > left && fields[left] != fields[right] {
                var swapped = fields
                swapped.swapAt(left, right)
                changes.append(
                    (
                        Forgery.envelope(CBORValue.array(swapped).encoded, signature: signature),
                        Self.isBeforeChain, "fields \(left) and \(right)"
                    ))
            }
        }
        Self.expectNoEffect(start, changes)
    }

    @Test func `H-042 swapped fields under a right signature have no effect either`() throws {
        let target = try TargetServer()
        let valid = target.bobsNext(3, [.text("about")])
        for left in valid.fields.indices {
            for right in valid.fields.indices
            where right > left && valid.fields[left] != valid.fields[right] {
                var peer = target
                var swapped = valid
                swapped.fields.swapAt(left, right)
                let hash = StateHash.hash(of: peer.replica.state)
                let word = peer.receive(swapped.envelope)
                #expect(word != nil, "fields \(left) and \(right)")
                #expect(StateHash.hash(of: peer.replica.state) == hash)
                #expect(peer.replica.state.graph.count == target.replica.state.graph.count)
            }
        }
    }
}
