import Testing
import peer_agent

/// Bytes on their way between an attached client and its node.
@Suite struct PipeBufferTests {
    @Test func `bytes come out in order, as many as are taken`() {
        var buffer = PipeBuffer()
        buffer.take([1, 2, 3])
        #expect(Array(buffer.next(2)) == [1, 2])
        buffer.passedOn(2)
        buffer.take([4])
        #expect(Array(buffer.next(9)) == [3, 4])
        buffer.passedOn(2)
        #expect(buffer.isEmpty && !buffer.isDone)
        buffer.take([5])
        buffer.end()
        #expect(!buffer.isDone && Array(buffer.next(9)) == [5])
        buffer.passedOn(1)
        #expect(buffer.isDone && !buffer.canTake)
    }

    @Test func `it takes no more while much waits`() {
        var buffer = PipeBuffer()
        while buffer.canTake { buffer.take([UInt8](repeating: 7, count: 65_536)) }
        #expect(buffer.next(.max).count <= 1 << 19)
        buffer.passedOn(65_536)
        #expect(buffer.canTake)
    }
}
