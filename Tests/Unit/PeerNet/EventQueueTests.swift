import PeerNet
import PeerState
import Testing

@Suite struct EventQueueTests {
    private struct Entry: Equatable {
        let at: UInt64
        let tie: UInt64
        let name: String
    }

    @Test(arguments: UInt64(1)...20)
    func `entries come by time and then by tie and places are used again`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = EventQueue<String>()
        var waiting: [Entry] = []
        var came = 0
        for number in 0..<2_000 {
            // Twice as many come in as go out, until the last third takes the rest away.
            if number < 1_400, random.next() % 3 != 0 {
                let entry = Entry(
                    at: random.next() % 50, tie: random.next(), name: "entry \(number)")
                waiting.append(entry)
                queue.add(entry.name, at: Instant(nanoseconds: entry.at), tie: entry.tie)
            } else if let first = waiting.min(by: { ($0.at, $0.tie) < ($1.at, $1.tie) }) {
                waiting.removeAll { $0 == first }
                #expect(queue.nextTime == Instant(nanoseconds: first.at), "seed \(seed)")
                let next = queue.next()
                #expect(next?.element == first.name, "seed \(seed), entry \(number)")
                #expect(next?.at == Instant(nanoseconds: first.at), "seed \(seed)")
                came += 1
            }
            #expect(queue.count == waiting.count, "seed \(seed)")
        }
        #expect(came > 500)
    }

    @Test func `an empty queue has nothing to give`() {
        var queue = EventQueue<Int>()
        #expect(queue.isEmpty)
        #expect(queue.nextTime == nil)
        let none = Self.take(&queue)
        #expect(none == nil)
        queue.add(7, at: .zero, tie: 1)
        let one = Self.take(&queue)
        #expect(one == 7)
        let left = Self.take(&queue)
        #expect(left == nil)
        #expect(queue.isEmpty)
    }

    private static func take(_ queue: inout EventQueue<Int>) -> Int? { queue.next()?.element }
}
