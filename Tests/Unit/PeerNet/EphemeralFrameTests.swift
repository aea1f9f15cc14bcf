import PeerNet
import PeerState
import PeerTesting
import Testing

/// Frame 27 as PROTOCOL 11 lists it.
@Suite struct EphemeralFrameTests {
    private static let frame = EphemeralCoreTests.frame(.typing, 77, at: 5)

    private static func elements(_ frame: EphemeralFrame) -> [[UInt8]] {
        var items: [[UInt8]] = []
        func item(_ write: (inout CBORWriter) -> Void) {
            var writer = CBORWriter()
            write(&writer)
            items.append(writer.bytes)
        }
        item { $0.unsigned(27) }
        item { $0.identifier(frame.server) }
        item { $0.identifier(frame.author) }
        item { $0.unsigned(frame.counter) }
        item { $0.unsigned(frame.sentMilliseconds) }
        item { $0.unsigned(frame.ttlMilliseconds) }
        item { $0.unsigned(frame.topic) }
        item { $0.optional(frame.epoch) { $0.identifier($1) } }
        item { $0.optional(frame.nonce) { $0.byteString($1) } }
        item { $0.byteString(frame.payload) }
        item { $0.byteString(frame.signature.bytes) }
        return items
    }

    private static func encode(_ elements: [[UInt8]]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(elements.count)
        for element in elements { writer.encoded(element) }
        return writer.bytes
    }

    @Test func `it is the array of eleven elements, and reads back`() throws {
        let elements = Self.elements(Self.frame)
        let message = SyncMessage.ephemeral(Self.frame)
        #expect(message.bytes == Self.encode(elements))
        #expect(message.type == 27 && message.server == Self.frame.server)
        #expect(try SyncMessage(decoding: message.bytes) == message)
        let longer = Self.encode(elements + [[0x01]])
        #expect(try SyncMessage(decoding: longer) == message, "later elements are ignored")
    }

    @Test func `the signature covers elements one to nine under its own domain`() {
        let elements = Self.elements(Self.frame)
        let signed = Array("peer-agent/ephemeral/1".utf8) + Self.encode(Array(elements[1...9]))
        #expect(Self.frame.signedBytes == signed)
        #expect(Self.frame.signature.isValid(for: signed, by: Self.frame.author))
        #expect(Self.frame.isSigned)
        var changed = Self.frame
        changed.counter += 1
        #expect(!changed.isSigned)
        changed = Self.frame
        changed.ttlMilliseconds -= 1
        #expect(!changed.isSigned)
        changed = Self.frame
        changed.server = toyServer(2)
        #expect(!changed.isSigned, "nor does it count in another server")
    }

    @Test func `what is missing, of another type or too large does not read`() throws {
        let elements = Self.elements(Self.frame)
        for count in 2..<11 {
            #expect(throws: BadFrame.self) {
                try SyncMessage(decoding: Self.encode(Array(elements[..<count])))
            }
        }
        var large = CBORWriter()
        large.byteString([UInt8](repeating: 0, count: Limits.ephemeralPayload + 1))
        var long = CBORWriter()
        long.unsigned(30_001)
        var short = CBORWriter()
        short.byteString([UInt8](repeating: 0, count: 23))
        for (index, item) in [
            (9, large.bytes), (5, long.bytes), (8, short.bytes), (3, [0x60]), (10, [0x40]),
            (6, [0xf6]),
        ] {
            var wrong = elements
            wrong[index] = item
            #expect(throws: BadFrame.self, "element \(index)") {
                try SyncMessage(decoding: Self.encode(wrong))
            }
        }
    }

    @Test func `a sealed text opens at its place alone`() throws {
        let key = [UInt8](repeating: 9, count: 32)
        let place = try #require(Self.frame.place)
        let nonce = [UInt8](repeating: 3, count: 24)
        let sealed = place.seal([1, 2, 3], channelKey: key, nonce: nonce)
        #expect(place.open(sealed, channelKey: key, nonce: nonce) == [1, 2, 3])
        let others = [
            EphemeralPlace(
                server: place.server, epoch: place.epoch, author: place.author,
                counter: place.counter + 1, topic: place.topic),
            EphemeralPlace(
                server: place.server, epoch: place.epoch, author: place.author,
                counter: place.counter, topic: place.topic + 1),
            EphemeralPlace(
                server: toyServer(2), epoch: place.epoch, author: place.author,
                counter: place.counter, topic: place.topic),
            EphemeralPlace(
                server: place.server, epoch: place.epoch, author: toyPeer(9),
                counter: place.counter, topic: place.topic),
        ]
        for other in others {
            #expect(other.open(sealed, channelKey: key, nonce: nonce) == nil)
        }
        #expect(
            place.open(sealed, channelKey: [UInt8](repeating: 8, count: 32), nonce: nonce) == nil)
    }
}
