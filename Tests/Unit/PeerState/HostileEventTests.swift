import PeerState
import PeerTesting
import Testing

/// HOSTILE "Event bytes", H-020 to H-041 and H-043; H-042 is `EventMutationTests`.
///
/// Where a row allows no signature check, the same bytes are also offered with a worthless
/// signature and must get the same code.
@Suite struct HostileEventTests {
    static func raw(text: [UInt8]) -> [UInt8] {
        precondition(text.count < 24, "short heads only")
        return [0x81, 0x60 | UInt8(text.count)] + text
    }

    @Test func `H-020 a byte after the payload, after the envelope`() throws {
        var target = try TargetServer()
        let event = target.next(3, [.text("x")])
        target.expectRefused(event.envelope + [0xf6], .cborTrailing)
        target.expectRefusedUnverified(event.payload + [0xf6], .cborTrailing)
    }

    @Test func `H-021 an integer or a length in a longer form`() throws {
        var target = try TargetServer()
        let event = target.next(3, [.text("x")])
        let longer: [(Forgery.Field, [UInt8])] = [
            (.seq, [0x18, 0x03]), (.seq, [0x19, 0x00, 0x03]), (.format, [0x1a, 0, 0, 0, 1]),
            (.lamport, [0x1b, 0, 0, 0, 0, 0, 0, 0, 3]), (.deps, [0x98, 0x00]),
            (.body, [0x81, 0x78, 0x01, 0x78]), (.body, [0x98, 0x01, 0x61, 0x78]),
            (.server, [0x59, 0x00, 0x20] + target.replica.id.bytes),
        ]
        for (field, raw) in longer {
            let payload = event.payload(field, raw: raw)
            target.expectRefusedUnverified(payload, .cborNonShortest, "\(field)")
        }
        let payload = event.payload
        let head: [UInt8] = [0x82, 0x59, 0x00, UInt8(payload.count)]
        let signature = event.key.sign(Array(Envelope.domain.utf8) + payload).bytes
        target.expectRefused(head + payload + [0x58, 0x40] + signature, .cborNonShortest)
    }

    @Test func `H-022 map keys twice, out of order, of another type`() throws {
        var target = try TargetServer()
        let event = target.next(70, [])
        let maps: [([UInt8], WireCode)] = [
            ([0x81, 0xa2, 1, 0xf6, 1, 0xf6], .cborDuplicateKey),
            ([0x81, 0xa2, 2, 0xf6, 1, 0xf6], .cborKeyOrder),
            ([0x81, 0xa1, 0x61, 0x61, 0xf6], .cborKeyType),
            ([0x81, 0xa1, 0x41, 0x61, 0xf6], .cborKeyType),
            ([0x81, 0xa1, 0x20, 0xf6], .cborKeyType),
        ]
        for (body, code) in maps {
            target.expectRefusedUnverified(event.payload(.body, raw: body), code)
        }
    }

    @Test func `H-023 indefinite lengths, tags, floats, undefined, negative integers`() throws {
        var target = try TargetServer()
        let event = target.next(3, [])
        for start: UInt8 in [0x5f, 0x7f, 0x9f, 0xbf, 0xff] {
            target.expectRefusedUnverified(
                event.payload(.body, raw: [0x81, start, 0xff]), .cborIndefinite)
        }
        let items: [[UInt8]] = [
            [0xc0, 0x61, 0x78], [0xd8, 0x20, 0x61, 0x78], [0xf9, 0x3c, 0x00], [0xfa, 0, 0, 0, 0],
            [0xfb, 0, 0, 0, 0, 0, 0, 0, 0], [0xf7], [0xe0], [0xf8, 0xff], [0x20], [0x38, 0x64],
        ]
        for item in items {
            target.expectRefusedUnverified(event.payload(.body, raw: [0x81] + item), .cborType)
        }
        for item: UInt8 in [0x1c, 0x1d, 0x1e] {
            target.expectRefusedUnverified(
                event.payload(.body, raw: [0x81, item]), .cborReserved)
        }
    }

    @Test func `H-024 nesting 9, nesting 10,000`() throws {
        var target = try TargetServer()
        let event = target.next(20_000, [])
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](repeating: 0x81, count: depth - 1) + [0x80]
        }
        // The payload is one level itself.
        for depth in [8, 10_000] {
            target.expectRefusedUnverified(event.payload(.body, raw: nested(depth)), .cborDepth)
        }
        target.expectRefused(nested(9), .cborDepth)
        target.expectRefused(nested(10_000), .cborDepth)
        let allowed = Envelope(payload: event.payload(.body, raw: nested(7)), key: event.key)
        #expect(target.receive(allowed.bytes) == nil)
    }

    @Test func `H-025 headers that claim more than there is`() throws {
        var target = try TargetServer()
        let event = target.next(3, [])
        let lengths: [[UInt8]] = [
            [0x1a, 0xff, 0xff, 0xff, 0xff], [0x1b, 0, 0, 0, 1, 0, 0, 0, 0],
            [0x1b] + [UInt8](repeating: 0xff, count: 8),
            [0x1b, 0x7f] + [UInt8](repeating: 0xff, count: 7),
            [0x1b, 0x80] + [UInt8](repeating: 0, count: 7),
        ]
        for length in lengths {
            for major: UInt8 in [2, 3, 4, 5] {
                let header = [major << 5 | length[0]] + length.dropFirst()
                let padded = header + [UInt8](repeating: 0, count: 20 - header.count)
                target.expectRefused(padded, .cborLength)
                target.expectRefusedUnverified(
                    event.payload(.body, raw: [0x81] + padded), .cborLength)
                target.expectRefusedUnverified(padded, .cborLength)
            }
        }
    }

    @Test func `H-026 text that is not UTF-8, and NUL`() throws {
        var target = try TargetServer()
        let event = target.next(3, [])
        let broken: [[UInt8]] = [
            [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
            [0xc0, 0x80], [0xe0, 0x80, 0xaf], [0xf4, 0x90, 0x80, 0x80],
            [0xf8, 0x88, 0x80, 0x80, 0x80],
            [0x80], [0xe6, 0xb0], [0xff], [0x61, 0xc3],
        ]
        for text in broken {
            target.expectRefusedUnverified(
                event.payload(.body, raw: Self.raw(text: text)), .cborUTF8)
        }
        target.expectRefusedUnverified(
            event.payload(.body, raw: Self.raw(text: [0x61, 0, 0x62])), .badText)
    }

    @Test func `H-027 bidi controls, combining marks, zero-width characters`() throws {
        var target = try TargetServer()
        for scalar in Array(0x202a...0x202e) + Array(0x2066...0x2069) {
            let control = String(try #require(Unicode.Scalar(UInt32(scalar))))
            let rename = target.next(2, [.text("a" + control + "b")])
            target.expectRefusedUnverified(rename.payload, .badText)
        }
        let marks = String(repeating: "\u{300}", count: 10_000)
        target.expectRefusedUnverified(target.next(2, [.text("a" + marks)]).payload, .badBody)
        // Within the cap they are somebody's name; views clean what they show.
        for name in [
            "a" + String(repeating: "\u{300}", count: 49), "a\u{200b}\u{200d}b", "\u{2060}",
        ] {
            let verdict = target.receive(target.next(50, Self.channel(name)).envelope)
            #expect(verdict == nil, "\(name.unicodeScalars.count) scalars")
        }
    }

    static func channel(_ name: String) -> [CBORValue] {
        [.text(name), .unsigned(0), .text(""), .unsigned(0), .null, .null]
    }

    @Test func `H-028 malleable, non-canonical, small-order and empty signatures`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        let envelope = try Envelope(decoding: event.envelope)
        let signature = envelope.signature.bytes
        let point = Array(signature.prefix(32))
        let scalar = Array(signature.suffix(32))
        let zero = [UInt8](repeating: 0, count: 32)
        let identity = [1] + zero.dropLast()
        let nonCanonical = [0xed] + [UInt8](repeating: 0xff, count: 30) + [0x7f]
        var changed = [
            point + Self.addingOrder(scalar), nonCanonical + scalar, identity + scalar,
            point + zero, zero + zero, identity + zero, [UInt8](repeating: 0xff, count: 64),
        ]
        // The sign bit of R turned over.
        changed.append(point.dropLast() + [point[31] ^ 0x80] + scalar)
        for bytes in changed {
            target.expectRefused(
                Forgery.envelope(envelope.payload, signature: bytes), .badSignature)
            #expect(!target.replica.isKnown(envelope.id))
        }
        // Points of small order: with R = identity and S = 0 a careless verifier accepts them all.
        for hex in Self.smallOrderKeys {
            let key = try #require([UInt8](hex: hex))
            let forged = event.with(.author, .bytes(key)).with(.prev, .null).with(
                .seq, .unsigned(1))
            for tail in [identity + zero, zero + zero, key + zero] {
                target.expectRefused(
                    Forgery.envelope(forged.payload, signature: tail), .badSignature)
            }
        }
        #expect(target.receive(event.envelope) == nil)
    }

    /// Encodings of the eight points of small order, non-canonical ones of the field included.
    static let smallOrderKeys = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ]

    /// S + L: the same residue, so a verifier that does not reduce S would take it.
    static func addingOrder(_ scalar: [UInt8]) -> [UInt8] {
        let order: [UInt8] =
            [
                0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
                0xde, 0x14,
            ] + [UInt8](repeating: 0, count: 15) + [0x10]
        var carry: UInt16 = 0
        return zip(scalar, order).map { left, right in
            let sum = UInt16(left) + UInt16(right) + carry
            carry = sum >> 8
            return UInt8(truncatingIfNeeded: sum)
        }
    }

    @Test func `H-029 a right signature under another domain or none`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        for domain in ["", "peer-agent/event/2", "peer-agent/claim/1", "peer-agent/event/"] {
            let signature = event.key.sign(Array(domain.utf8) + event.payload)
            target.expectRefused(
                Forgery.envelope(event.payload, signature: signature.bytes), .badSignature)
        }
        let byAnother = Envelope(payload: event.payload, key: target.bob)
        target.expectRefused(byAnother.bytes, .badSignature)
        #expect(target.receive(event.envelope) == nil)
    }

    @Test func `H-030 a valid event of another server`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
            .with(.server, BodyField.id(0x77))
        target.expectRefusedUnverified(event.payload, .wrongServer)
        let create = EventDraft(
            server: nil, author: target.owner.publicKey, seq: 1, prev: nil, deps: [], proof: nil,
            lamport: 1, wallMilliseconds: 1,
            body: ServerCreated(
                name: "Other", isDirect: false, participants: [],
                nonce: [UInt8](repeating: 8, count: 16)))
        target.expectRefusedUnverified(create.payload, .duplicateCreate)
    }

    @Test func `H-031 seq out of range`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        for seq in [0, 1 << 53, 1 << 63, UInt64.max] {
            target.expectRefusedUnverified(event.with(.seq, .unsigned(seq)).payload, .badField)
        }
        // The largest allowed one names a prev that is not its own.
        let highest = event.with(.seq, .unsigned(Limits.maxSeq))
        target.expectRefused(highest.envelope, .badChain)
    }

    @Test func `H-033 prev and seq that contradict each other, prev of another chain`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        target.expectRefusedUnverified(event.with(.prev, .null).payload, .badField)
        target.expectRefusedUnverified(event.with(.seq, .unsigned(1)).payload, .badField)
        let grant = target.bobsGrant
        let stolen = target.bobsNext(1, []).with(.seq, .unsigned(3))
            .with(.prev, .bytes(grant.bytes)).with(.deps, .array([]))
        target.expectRefused(stolen.envelope, .badChain, "prev of another author")
        for seq: UInt64 in [2, 4, 1_000] {
            target.expectRefused(event.with(.seq, .unsigned(seq)).envelope, .badChain)
        }
    }

    @Test func `H-034 deps unsorted, twice, equal to prev, 65 of them`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        let many = (0..<65).map { BodyField.id(UInt8($0)) }
        let bad: [[CBORValue]] = [
            [many[2], many[1]], [many[1], many[1]], [event[.prev]], many, [.bytes([1])],
            [.null], [.unsigned(1)],
        ]
        for deps in bad {
            target.expectRefusedUnverified(event.with(.deps, .array(deps)).payload, .badDeps)
        }
        target.expectRefusedUnverified(event.with(.deps, .null).payload, .badField)
        let most = event.with(.deps, .array(Array(many.dropLast())))
        #expect(target.receive(most.envelope) == WireCode.missingDeps.word)
    }

    @Test func `H-037 a lamport that is not one more than the largest of the edges`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        for lamport in [1, 2, 4, 1 << 53, 1 << 63, UInt64.max - 1, UInt64.max] {
            target.expectRefused(event.with(.lamport, .unsigned(lamport)).envelope, .badLamport)
        }
        target.expectRefusedUnverified(event.with(.lamport, .unsigned(0)).payload, .badField)
        // An honest clock goes on from where it was.
        #expect(target.next(1, [])[.lamport] == .unsigned(3))
        #expect(target.receive(event.envelope) == nil)
    }

    @Test func `H-038 wall times of 1970 and of the year 292,000,000`() throws {
        var target = try TargetServer()
        let far = target.next(1, []).with(.wall, .unsigned(Limits.maxWallMilliseconds))
        #expect(target.receive(far.envelope) == WireCode.clockAhead.word)
        #expect(!target.replica.isKnown(far.id), "it may come again later")
        let beyond = far.with(.wall, .unsigned(Limits.maxWallMilliseconds + 1))
        target.expectRefusedUnverified(beyond.payload, .badField)
        let past = target.next(1, []).with(.wall, .unsigned(0))
        #expect(target.receive(past.envelope) == nil)
        // Ten minutes ahead is still taken, a millisecond more is not.
        let edge = TargetServer.wall + Limits.clockAheadMilliseconds
        let late = target.next(1, []).with(.wall, .unsigned(edge + 1))
        #expect(target.receive(late.envelope) == WireCode.clockAhead.word)
        let onTime = target.next(1, []).with(.wall, .unsigned(edge))
        #expect(target.receive(onTime.envelope) == nil)
    }

    @Test func `H-039 unknown kinds and extra elements are kept, missing ones are not`() throws {
        var target = try TargetServer()
        let hash = StateHash.hash(of: target.replica.state)
        let unknown = target.next(60_000, [.map([.init(1, .text("later"))]), .null])
        let verdict = target.replica.receive(
            unknown.envelope, wallMilliseconds: TargetServer.wall)
        guard case .stored(let stored) = verdict, let first = stored.first else {
            Issue.record("\(verdict)")
            return
        }
        #expect(first.void == nil && first.envelope.bytes == unknown.envelope)
        #expect(StateHash.hash(of: target.replica.state) == hash)
        let longer = target.next(50, Self.channel("general") + [.array([.unsigned(9)])])
        guard
            case .stored(let kept) = target.replica.receive(
                longer.envelope, wallMilliseconds: TargetServer.wall)
        else {
            Issue.record("an extra element is kept")
            return
        }
        #expect(kept.first?.void == nil && kept.first?.envelope.bytes == longer.envelope)
        #expect(target.replica.state.channel(Channel.ID(longer.id))?.name == "general")
        let shorter = target.next(50, Self.channel("general").dropLast())
        target.expectRefusedUnverified(shorter.payload, .badBody)
    }

    @Test func `H-040 one byte over: a field, an envelope`() throws {
        var target = try TargetServer()
        let name = String(repeating: "n", count: 101)
        target.expectRefusedUnverified(target.next(50, Self.channel(name)).payload, .badBody)
        func filled(_ count: Int) -> Forgery {
            target.next(60_000, [.bytes([UInt8](repeating: 1, count: count))])
        }
        let spare = Limits.maxEnvelope - filled(60_000).envelope.count
        let over = filled(60_000 + spare + 1)
        #expect(over.envelope.count == Limits.maxEnvelope + 1)
        target.expectRefused(over.envelope, .tooLarge)
        #expect(!target.replica.isKnown(over.id), "refused before hashing")
        target.expectRefused([UInt8](repeating: 0xff, count: 1 << 20), .tooLarge)
        let exact = filled(60_000 + spare)
        #expect(exact.envelope.count == Limits.maxEnvelope)
        #expect(target.receive(exact.envelope) == nil)
    }

    @Test func `H-041 the same event again and again`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        let bytes = event.envelope
        #expect(target.receive(bytes) == nil)
        let hash = StateHash.hash(of: target.replica.state)
        let unsigned = Forgery.envelope(event.payload, signature: [UInt8](repeating: 0, count: 64))
        for _ in 0..<10_000 {
            // The signature is not looked at: a worthless one is a duplicate as well.
            #expect(target.receive(bytes) == WireCode.duplicate.word)
            #expect(target.receive(unsigned) == WireCode.duplicate.word)
        }
        #expect(StateHash.hash(of: target.replica.state) == hash)
        #expect(target.replica.state.graph.count == 3 && target.replica.pending.count == 0)
        // So is one that waits, and one that was refused for its shape.
        let waiting = target.next(50, Self.channel("next"))
            .with(.deps, .array([BodyField.id(0x66)]))
        #expect(target.receive(waiting.envelope) == WireCode.missingDeps.word)
        #expect(target.receive(waiting.envelope) == WireCode.duplicate.word)
        let misshapen = target.next(50, [])
        #expect(target.receive(misshapen.envelope) == WireCode.badBody.word)
        #expect(target.receive(misshapen.envelope) == WireCode.duplicate.word)
    }

    @Test func `H-043 the same content in other envelopes is one event`() throws {
        var target = try TargetServer()
        let event = target.next(50, Self.channel("general"))
        let envelope = try Envelope(decoding: event.envelope)
        let forged = Forgery.envelope(event.payload, signature: [UInt8](repeating: 3, count: 64))
        #expect(try Envelope(decoding: forged).id == envelope.id)
        target.expectRefused(forged, .badSignature)
        #expect(target.receive(event.envelope) == nil)
        #expect(target.receive(forged) == WireCode.duplicate.word)
        let longForm = event.payload(.format, raw: [0x18, 0x01])
        target.expectRefusedUnverified(longForm, .cborNonShortest)
        #expect(target.replica.state.channelCount == 1)
    }
}
