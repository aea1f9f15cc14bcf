import PeerNet
import PeerState
import Testing

@Suite struct FramerTests {
    @Test func `any cut of the stream gives the same messages`() throws {
        let messages = [1, 2, 300, 65_535, 5].map { [UInt8](repeating: UInt8($0 & 255), count: $0) }
        let stream = messages.flatMap { Framer.frame($0) }
        for size in [1, 2, 3, 7, 1_000, 65_536, stream.count] {
            var framer = Framer()
            var read: [[UInt8]] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                framer.push(Array(stream[start..<min(start + size, stream.count)]))
                while let message = try framer.next() { read.append(message) }
                #expect(framer.heldBytes < 65_537)
            }
            #expect(read == messages)
            #expect(framer.heldBytes == 0)
        }
    }

    @Test func `length 0 is refused, also after a good message`() throws {
        var framer = Framer()
        framer.push([0, 1, 9, 0, 0])
        #expect(try framer.next() == [9])
        let failure = #expect(throws: NetFailure.self) { try framer.next() }
        #expect(failure?.code == .badFrame)
    }

    @Test func `a partial message waits`() throws {
        var framer = Framer()
        for bytes in [[0xff], [0xff], [1]] as [[UInt8]] {
            framer.push(bytes)
            #expect(try framer.next() == nil)
        }
        #expect(framer.heldBytes == 3)
    }
}
