import PeerNet
import PeerState
import Testing

@Suite struct NoiseTests {
    private static func key(_ hex: String) throws -> ExchangeKey {
        ExchangeKey(secret: try #require([UInt8](hex: hex)))
    }

    private static func bytes(_ hex: String) throws -> [UInt8] {
        try #require([UInt8](hex: hex))
    }

    @Test func `each message of the published vector is made and read`() throws {
        guard let vector = try NetVectors.noise() else { return }
        let payloads = try vector.messages.map { try Self.bytes($0.payload) }
        let ciphertexts = try vector.messages.map { try Self.bytes($0.ciphertext) }
        let initiator = InitiatorStart(
            prologue: try Self.bytes(vector.initPrologue),
            staticKey: try Self.key(vector.initStatic),
            ephemeral: try Self.key(vector.initEphemeral))
        let responder = ResponderStart(
            prologue: try Self.bytes(vector.respPrologue),
            staticKey: try Self.key(vector.respStatic),
            ephemeral: try Self.key(vector.respEphemeral))

        let (first, waiting) = try initiator.send(payloads[0])
        #expect(first == ciphertexts[0])
        let (read, replying) = try responder.receive(first)
        #expect(read == payloads[0])
        let (second, awaiting) = try replying.send { _ in payloads[1] }
        #expect(second == ciphertexts[1])
        let (answer, finishing) = try waiting.receive(second)
        #expect(answer.payload == payloads[1])
        #expect(answer.remoteStatic == (try Self.key(vector.respStatic)).publicKey)
        var (third, one) = try finishing.send { _ in payloads[2] }
        #expect(third == ciphertexts[2])
        var (last, two) = try awaiting.receive(third)
        #expect(last.payload == payloads[2])
        #expect(last.remoteStatic == (try Self.key(vector.initStatic)).publicKey)
        #expect(one.handshakeHash.hex == vector.handshakeHash)
        #expect(two.handshakeHash.hex == vector.handshakeHash)
        for index in payloads.indices.dropFirst(3) {
            // The responder sends first: messages alternate from the start.
            if index.isMultiple(of: 2) {
                #expect(try one.sending.encrypt(payloads[index]) == ciphertexts[index])
                #expect(try two.receiving.decrypt(ciphertexts[index]) == payloads[index])
            } else {
                #expect(try two.sending.encrypt(payloads[index]) == ciphertexts[index])
                #expect(try one.receiving.decrypt(ciphertexts[index]) == payloads[index])
            }
        }
    }

    @Test func `both sides sign the same hash`() throws {
        var entropy = Entropy.seeded(SeededRandom(seed: 1))
        let start = InitiatorStart(
            prologue: [1], staticKey: .generate(&entropy), &entropy)
        let responder = ResponderStart(
            prologue: [1], staticKey: .generate(&entropy), &entropy)
        let (first, waiting) = try start.send()
        var signed: [[UInt8]] = []
        let (second, awaiting) = try responder.receive(first).next.send {
            signed.append($0)
            return [1]
        }
        let (received, finishing) = try waiting.receive(second)
        let (third, _) = try finishing.send {
            signed.append($0)
            return [2]
        }
        let (last, _) = try awaiting.receive(third)
        #expect(signed == [received.hash, last.hash])
    }

    @Test func `a key of low order is refused by either side`() throws {
        var entropy = Entropy.seeded(SeededRandom(seed: 2))
        let zeros = [UInt8](repeating: 0, count: 32)
        let responder = ResponderStart(prologue: [], staticKey: .generate(&entropy), &entropy)
        let replying = try responder.receive(zeros).next
        let refused = #expect(throws: NetFailure.self) { try replying.send { _ in [] } }
        #expect(refused?.code == .badHandshake)
        let initiator = InitiatorStart(prologue: [], staticKey: .generate(&entropy), &entropy)
        let waiting = try initiator.send().next
        let answer = zeros + [UInt8](repeating: 0, count: 64)
        let failure = #expect(throws: NetFailure.self) { try waiting.receive(answer) }
        #expect(failure?.detail == "the shared secret is all zero")
    }

    @Test func `the last counter is never used`() throws {
        let key = [UInt8](repeating: 1, count: 32)
        var sender = CipherState(key: key, nonce: UInt64.max - 1)
        var receiver = CipherState(key: key, nonce: UInt64.max - 1)
        let sealed = try sender.encrypt([9])
        #expect(try receiver.decrypt(sealed) == [9])
        #expect(throws: NetFailure.self) { try sender.encrypt([9]) }
        #expect(throws: NetFailure.self) { try receiver.decrypt(sealed) }
        #expect(sender.nonce == UInt64.max)
    }

    @Test func `a message that does not authenticate leaves the counter`() throws {
        let key = [UInt8](repeating: 1, count: 32)
        var sender = CipherState(key: key)
        var receiver = CipherState(key: key)
        let sealed = try sender.encrypt([1, 2, 3])
        for bit in 0..<sealed.count * 8 {
            var altered = sealed
            altered[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: NetFailure.self) { try receiver.decrypt(altered) }
        }
        #expect(throws: NetFailure.self) { try receiver.decrypt([1]) }
        #expect(try receiver.decrypt(sealed) == [1, 2, 3])
        #expect(throws: NetFailure.self, "replay") { try receiver.decrypt(sealed) }
    }

    @Test func `rekey gives another key and keeps the counter`() throws {
        let key = [UInt8](repeating: 1, count: 32)
        var sender = CipherState(key: key)
        var plain = CipherState(key: key)
        var receiver = CipherState(key: key)
        _ = try receiver.decrypt(try sender.encrypt([1]))
        _ = try plain.encrypt([1])
        sender.rekey()
        receiver.rekey()
        #expect(sender.nonce == 1)
        let sealed = try sender.encrypt([2])
        #expect(sealed != (try plain.encrypt([2])))
        #expect(try receiver.decrypt(sealed) == [2])
    }
}
