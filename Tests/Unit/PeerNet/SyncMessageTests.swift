import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct SyncMessageTests {
    static let signature = Signature(Array(repeating: 9, count: 64))
    static let head = Head(seq: 7, id: Event.ID(toyServer(3)))

    static var samples: [SyncMessage] {
        let range = SeqRange(author: toyPeer(1), from: 1, to: Limits.maxSeq)
        let digest = Sodium.hash("d", [])
        var samples: [SyncMessage] = [
            .hello(
                toyServer(1),
                SyncMessage.Hello(
                    digest: digest, authors: 3, events: 900_000, incarnation: toyIncarnation(1),
                    foldVersion: 1, confirmed: UInt64.max)),
            .headsDelta(
                toyServer(1),
                SyncMessage.HeadsDelta(
                    base: nil, serial: 5,
                    entries: [SyncMessage.HeadsDelta.Entry(handle: 1, seq: 2, prefix: .max)],
                    hasMore: true)),
            .headsDelta(
                toyServer(1),
                SyncMessage.HeadsDelta(base: 4, serial: .max, entries: [], hasMore: false)),
            .headAsk(toyServer(1), handles: [0, 1, UInt64.max]),
            .headFull(toyServer(1), [SyncMessage.FullHead(author: toyPeer(1), head: head)]),
            .want(toyServer(1), id: 1, [range], credit: UInt64(Limits.creditWindow)),
            .preSync(toyServer(1), id: 2, events: 3, bytes: 4),
            .events(toyServer(1), id: 0, [[1, 2], []], isLast: true),
            .credit(id: 3, bytes: .max),
            .forkProof(toyServer(1), [1], [2]),
            .iHave(
                toyServer(1),
                [SyncMessage.Announced(id: head.id, handle: 5, seq: 6, round: UInt64.max)]),
            .graft(toyServer(1), head.id, nil), .graft(toyServer(1), nil, range),
            .prune(toyServer(1), backoffSeconds: 600),
            .reject(
                SyncMessage.Reject(
                    server: nil, about: 0, reference: nil, code: "badFrame", detail: "é")),
            .reject(
                SyncMessage.Reject(server: toyServer(1), about: 15, reference: 4, code: "overQuota")
            ),
            .peers(
                toyServer(1),
                [SyncMessage.PeerAddresses(peer: toyPeer(1), addresses: ["a:1", "b:2"])]),
            .joinAnswer(
                toyServer(1),
                SyncMessage.JoinAnswer(
                    link: head.id, status: .admitted, code: nil, envelope: [1, 2])),
            .joinAnswer(
                toyServer(1),
                SyncMessage.JoinAnswer(
                    link: head.id, status: .refused, code: "linkExpired", envelope: nil)),
        ]
        samples += laterSamples
        if let signature {
            samples.append(
                .joinAsk(
                    toyServer(1),
                    SyncMessage.JoinAsk(link: head.id, target: toyPeer(2), claim: signature)))
        }
        return samples
    }

    /// Repair, membership views, pushes, comparison and offers.
    private static var laterSamples: [SyncMessage] {
        let digest = Sodium.hash("d", [])
        let contact = SyncMessage.PeerAddresses(peer: toyPeer(2), addresses: ["c:3"])
        return [
            .neg(
                toyServer(1),
                SyncMessage.Neg(
                    scope: .heads, exchange: 1, salt: Array(repeating: 5, count: 32),
                    bytes: [0x61])),
            .neg(
                toyServer(1),
                SyncMessage.Neg(
                    scope: .channel(Channel.ID(toyServer(4))), exchange: .max, salt: nil, bytes: [])
            ),
            .neg(
                toyServer(1),
                SyncMessage.Neg(scope: .author(toyPeer(1)), exchange: 2, salt: nil, bytes: [])),
            .negNeed(toyServer(1), exchange: 3, [NegID(digest)]),
            .view(toyServer(1), .join(toyPeer(1))),
            .view(toyServer(1), .forwardJoin(contact, ttl: 6)),
            .view(toyServer(1), .neighbor(isHigh: true)),
            .view(toyServer(1), .neighborReply(isAccepted: false)),
            .view(toyServer(1), .disconnect(isAlive: true)),
            .view(toyServer(1), .shuffle(origin: toyPeer(3), ttl: 2, [contact])),
            .view(toyServer(1), .shuffleReply([])),
            .push(toyServer(1), round: 0, [1, 2, 3]),
            .stateAsk(toyServer(1), nonce: 8, wantSections: false),
            .stateTell(
                toyServer(1),
                SyncMessage.StateTell(
                    nonce: 8, digest: digest, events: 9, stateHash: digest, sections: nil)),
            .stateTell(
                toyServer(1),
                SyncMessage.StateTell(
                    nonce: 8, digest: digest, events: 9, stateHash: digest,
                    sections: [0x81, 0x01])),
            .offer(toyServer(1), [[1], [2]]),
        ]
    }

    static func elements(_ frame: [UInt8]) throws -> [[UInt8]] {
        var reader = CBORReader(frame)
        var result: [[UInt8]] = []
        for _ in 0..<(try reader.array()) { result.append(try reader.rawItem()) }
        return result
    }

    static func frame(_ elements: [[UInt8]]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(elements.count)
        for element in elements { writer.encoded(element) }
        return writer.bytes
    }

    @Test(arguments: samples.indices)
    func `every frame reads back as it was written`(index: Int) throws {
        let message = Self.samples[index]
        try CBORScan.check(message.bytes)
        #expect(try SyncMessage(decoding: message.bytes) == message)
    }

    @Test(arguments: samples.indices)
    func `trailing elements are ignored, missing ones are not`(index: Int) throws {
        let message = Self.samples[index]
        let elements = try Self.elements(message.bytes)
        let longer = Self.frame(elements + [[0xa0], [0x01]])
        #expect(try SyncMessage(decoding: longer) == message)
        for count in 1..<elements.count {
            let failure = #expect(throws: BadFrame.self) {
                try SyncMessage(decoding: Self.frame(Array(elements.prefix(count))))
            }
            #expect(failure?.type == message.type)
            #expect(failure?.server == (count > 1 && message.type != 23 ? message.server : nil))
        }
    }

    @Test(arguments: samples.indices)
    func `each element of another type is refused`(index: Int) throws {
        let elements = try Self.elements(Self.samples[index].bytes)
        for wrong in elements.indices {
            var changed = elements
            changed[wrong] = [0xa0]  // no element is a map
            let failure = #expect(throws: BadFrame.self, "element \(wrong)") {
                try SyncMessage(decoding: Self.frame(changed))
            }
            #expect(failure?.type == (wrong == 0 ? 0 : Self.samples[index].type))
        }
    }

    /// What an element holds inside, changed: number, author, handle.
    @Test func `ranges and lengths inside lists are checked`() throws {
        var list = CBORWriter()
        list.array(1)
        list.array(3)
        list.identifier(toyPeer(1))
        list.unsigned(5)
        list.unsigned(4)
        try refuse(.want(toyServer(1), id: 1, [], credit: 1 << 20), element: 3, list.bytes)

        var heads = CBORWriter()
        heads.array(1)
        heads.array(3)
        heads.byteString(Array(repeating: 0, count: 8))
        heads.unsigned(Limits.maxSeq + 1)
        heads.byteString(Array(repeating: 0, count: 8))
        let delta = SyncMessage.HeadsDelta(base: nil, serial: 1, entries: [], hasMore: false)
        try refuse(.headsDelta(toyServer(1), delta), element: 4, heads.bytes)

        var handles = CBORWriter()
        handles.array(1)
        handles.byteString([1, 2, 3, 4, 5, 6, 7])
        try refuse(.headAsk(toyServer(1), handles: []), element: 2, handles.bytes)
        try refuse(.prune(toyServer(1), backoffSeconds: 1), element: 2, [0x19, 0x02, 0x59])  // 601
        try refuse(.want(toyServer(1), id: 1, [], credit: 1 << 20), element: 4, [0x19, 0xff, 0xff])
        try refuse(.want(toyServer(1), id: 1, [], credit: 1 << 20), element: 2, [0x00])
        let answer = SyncMessage.JoinAnswer(
            link: Self.head.id, status: .pending, code: nil, envelope: nil)
        try refuse(.joinAnswer(toyServer(1), answer), element: 3, [0x03])
    }

    @Test(arguments: [
        (SyncFrameType.headsDelta, 4, Limits.maxHeadsPerFrame), (.headAsk, 2, Limits.maxFullHeads),
        (.headFull, 2, Limits.maxFullHeads), (.want, 3, Limits.maxWantRanges),
        (.events, 3, Limits.eventsPerFrame), (.iHave, 2, Limits.maxIHave),
        (.peers, 2, Limits.peersPerFrame), (.offer, 2, Limits.offerEnvelopes),
    ])
    func `a list above its cap is refused whatever it holds`(
        type: SyncFrameType, element: Int, cap: Int
    ) throws {
        let sample = try #require(Self.samples.first { $0.type == type.rawValue })
        var list = CBORWriter()
        list.array(cap + 1)
        for _ in 0...cap { list.unsigned(0) }
        try refuse(sample, element: element, list.bytes)
    }

    @Test func `types are listed, ignored or refused`() throws {
        for type in UInt64(0)..<70 {
            let frame = Self.frame([
                type < 24 ? [UInt8(type)] : [0x18, UInt8(type)], [0x58, 32] + toyServer(1).bytes,
            ])
            let isListed = SyncFrameType(rawValue: type) != nil
            if !isListed && type < 64 {
                #expect(throws: BadFrame.self) { try SyncMessage(decoding: frame) }
            } else if type >= 64 || [50, 55].contains(type) {
                #expect(try SyncMessage(decoding: frame) == .unsupported(type))
            }
        }
        #expect(throws: BadFrame.self) { try SyncMessage(decoding: [0x80]) }
        #expect(throws: BadFrame.self) { try SyncMessage(decoding: [0x00]) }
        #expect(throws: BadFrame.self) { try SyncMessage(decoding: []) }
    }

    @Test func `every truncation and every changed byte is read or refused`() throws {
        for message in Self.samples {
            for length in 0..<message.bytes.count {
                #expect(throws: BadFrame.self) {
                    try SyncMessage(decoding: Array(message.bytes.prefix(length)))
                }
            }
            for index in message.bytes.indices {
                var bytes = message.bytes
                bytes[index] ^= 0xff
                _ = try? SyncMessage(decoding: bytes)
            }
        }
    }

    private func refuse(_ message: SyncMessage, element: Int, _ item: [UInt8]) throws {
        var elements = try Self.elements(message.bytes)
        elements[element] = item
        #expect(throws: BadFrame.self) { try SyncMessage(decoding: Self.frame(elements)) }
    }
}
