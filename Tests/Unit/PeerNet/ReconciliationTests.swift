import PeerNet
import PeerState
import PeerTesting
import Testing

/// The published conversations, as the file holds them.
private struct NegotiationFile: Decodable {
    struct Salted: Decodable { let salt, id, salted: String }
    struct Message: Decodable { let from, hex: String }
    struct Item: Decodable {
        let key: UInt64
        let id: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            key = try list.decode(UInt64.self)
            id = try list.decode(String.self)
        }
    }
    struct Exchange: Decodable {
        let name: String
        let frameLimit: Int
        let initiator, responder: [Item]
        let messages: [Message]
        let have, need: [String]

        enum CodingKeys: String, CodingKey {
            case name, initiator, responder, messages, have, need
            case frameLimit = "frame_limit"
        }
    }
    struct HeadItem: Decodable {
        let author: String
        let seq: UInt64
        let head, item, salt, salted: String
    }
    let exchanges: [Exchange]
    let saltedID: Salted
    let headItem: HeadItem

    enum CodingKeys: String, CodingKey {
        case exchanges
        case saltedID = "salted_id"
        case headItem = "head_item"
    }
}

@Suite struct ReconciliationTests {
    private static func items(_ list: [NegotiationFile.Item]) throws -> NegItems {
        NegItems(
            try list.map { item in
                let id = try #require(Digest.Value(hex: item.id))
                return NegItem(key: item.key, id: NegID(id))
            })
    }

    private static func bytes(_ hex: String) throws -> [UInt8] {
        try #require([UInt8](hex: hex))
    }

    /// The same items again from numbers, in an order that does not help.
    static func made(_ numbers: some Sequence<Int>, keys: UInt64 = 1_000) -> NegItems {
        NegItems(
            numbers.map { number in
                let id = Sodium.hash("test/neg", Array("\(number)".utf8))
                return NegItem(key: UInt64(number) % keys, id: NegID(id))
            })
    }

    @Test func `every published conversation comes out byte for byte`() throws {
        guard let file = try Vectors.load("negentropy", as: NegotiationFile.self) else { return }
        #expect(file.exchanges.count == 9)
        for exchange in file.exchanges {
            let limit = exchange.frameLimit == 0 ? Int.max : exchange.frameLimit
            let first = Reconciliation(
                items: try Self.items(exchange.initiator), role: .initiator, frameLimit: limit)
            let second = Reconciliation(
                items: try Self.items(exchange.responder), role: .responder, frameLimit: limit)
            var have: [String] = []
            var need: [String] = []
            var expected: [UInt8]? = first.start()
            for message in exchange.messages {
                let bytes = try Self.bytes(message.hex)
                #expect(bytes == expected, "\(exchange.name)")
                if message.from == "initiator" {
                    expected = try second.answer(bytes).reply
                } else {
                    let step = try first.answer(bytes)
                    have += step.have.map(\.bytes.hex)
                    need += step.need.map(\.bytes.hex)
                    expected = step.reply
                }
            }
            #expect(expected == nil, "\(exchange.name) is finished")
            #expect(have.sorted() == exchange.have.sorted(), "\(exchange.name)")
            #expect(need.sorted() == exchange.need.sorted(), "\(exchange.name)")
        }
    }

    @Test func `salted names and head items are the published ones`() throws {
        guard let file = try Vectors.load("negentropy", as: NegotiationFile.self) else { return }
        let id = try #require(Event.ID(hex: file.saltedID.id))
        let salted = NegID.salted(id, try Self.bytes(file.saltedID.salt))
        #expect(salted.bytes.hex == file.saltedID.salted)
        let item = file.headItem
        let author = try #require(Peer.ID(hex: item.author))
        let head = Head(seq: item.seq, id: try #require(Event.ID(hex: item.head)))
        #expect(NegScope.headName(author, head).hex == item.item)
        let name = NegScope.headName(author, head)
        #expect(NegID.salted(name, try Self.bytes(item.salt)).bytes.hex == item.salted)
    }

    /// Runs a whole exchange and returns what the initiator learned and how many bytes went.
    static func exchange(
        _ initiator: NegItems, _ responder: NegItems, limit: Int = 65_536
    ) throws -> (have: Set<NegID>, need: Set<NegID>, rounds: Int, bytes: Int) {
        let first = Reconciliation(items: initiator, role: .initiator, frameLimit: limit)
        let second = Reconciliation(items: responder, role: .responder, frameLimit: limit)
        var have: Set<NegID> = []
        var need: Set<NegID> = []
        var rounds = 0
        var bytes = 0
        var message: [UInt8]? = first.start()
        while let sent = message {
            rounds += 1
            #expect(rounds <= 64 && sent.count <= max(limit, 1_000))
            let reply = try #require(try second.answer(sent).reply)
            #expect(reply.count <= limit)
            bytes += sent.count + reply.count
            let step = try first.answer(reply)
            have.formUnion(step.have)
            need.formUnion(step.need)
            message = step.reply
        }
        return (have, need, rounds, bytes)
    }

    @Test(arguments: [4_096, 65_536])
    func `any two sets are told apart exactly`(limit: Int) throws {
        var random = Seed(UInt64(limit)).stream("neg")
        for _ in 0..<30 {
            let size = Int(random.next() % 3_000)
            let share = random.next() % 101
            var left: Set<Int> = []
            var right: Set<Int> = []
            for number in 0..<size {
                let draw = random.next()
                if draw % 100 < share || draw & 1 << 40 == 0 { left.insert(number) }
                if draw % 100 < share || draw & 1 << 40 != 0 { right.insert(number) }
            }
            let keys = 1 + random.next() % 2_000
            let result = try Self.exchange(
                Self.made(left, keys: keys), Self.made(right, keys: keys), limit: limit)
            let onlyLeft = Self.made(left.subtracting(right), keys: keys)
            let onlyRight = Self.made(right.subtracting(left), keys: keys)
            #expect(result.have == Set((0..<onlyLeft.count).map { onlyLeft[$0].id }))
            #expect(result.need == Set((0..<onlyRight.count).map { onlyRight[$0].id }))
        }
        print("reconciliation: 30 pairs of sets, seed \(limit)")
    }

    @Test func `one difference among 100,000 costs a few kilobytes`() throws {
        let left = Self.made(0..<100_000, keys: 5_000)
        let right = Self.made(1..<100_001, keys: 5_000)
        let result = try Self.exchange(left, right)
        #expect(result.have.count == 1 && result.need.count == 1)
        #expect(result.rounds <= 4 && result.bytes < 6_000, "\(result.rounds), \(result.bytes)")
        let equal = try Self.exchange(left, left)
        #expect(equal.rounds == 1 && equal.bytes < 600)
    }

    @Test func `the first byte chooses the version`() throws {
        let responder = Reconciliation(items: Self.made(0..<3), role: .responder)
        let initiator = Reconciliation(items: Self.made(0..<3), role: .initiator)
        for byte in UInt8.min...UInt8.max where byte != 0x61 {
            if (0x60...0x6f).contains(byte) {
                #expect(try responder.answer([byte, 1, 2]).reply == [0x61])
            } else {
                #expect(throws: NetFailure.self) { try responder.answer([byte]) }
            }
            #expect(throws: NetFailure.self) { try initiator.answer([byte]) }
        }
        #expect(throws: NetFailure.self) { try responder.answer([]) }
        #expect(try responder.answer([0x61]).reply == [0x61])
        #expect(try initiator.answer([0x61]).reply == nil)
    }

    static let refused: [[UInt8]] = [
        [0x61, 5],  // no length
        [0x61, 5, 2, 1],  // a prefix beyond the end
        [0x61, 5, 33] + Array(repeating: 0, count: 34),  // a prefix of 33 bytes
        [0x61, 0, 1, 9, 0],  // infinity with a prefix
        [0x61, 5, 0, 3],  // an unknown mode
        [0x61, 5, 0, 1, 1, 2, 3],  // half a fingerprint
        [0x61, 5, 0, 2, 1],  // a list whose count lies
        [0x61, 5, 0, 2, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
        [0x61, 5, 1, 9, 0, 1, 1, 8, 0],  // the second bound below the first
        [0x61, 0, 0, 0, 2, 0, 0],  // a key after infinity
        [0x61, 0x82] + Array(repeating: 0x80, count: 9) + [0, 0, 0],  // 2⁶⁴
        [0x61, 0x81] + Array(repeating: 0xff, count: 8) + [0x7f, 0, 0, 2, 0, 0],  // 2⁶⁴ − 1
    ]

    @Test(arguments: refused)
    func `what is not the grammar is refused`(message: [UInt8]) {
        for role in [Reconciliation.Role.initiator, .responder] {
            let side = Reconciliation(items: Self.made(0..<100), role: role)
            let failure = #expect(throws: NetFailure.self) { try side.answer(message) }
            #expect(failure?.code == .badNeg)
        }
    }

    @Test func `equal bounds are an empty range, and no truncation traps`() throws {
        let side = Reconciliation(items: Self.made(0..<500), role: .responder)
        #expect(try side.answer([0x61, 5, 0, 0, 1, 0, 0]).reply == [0x61])
        let message = Reconciliation(items: Self.made(200..<700), role: .initiator).start()
        for length in 0..<message.count {
            _ = try? side.answer(Array(message.prefix(length)))
        }
    }
}
