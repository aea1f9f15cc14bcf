import PeerState
import PeerTesting
import Testing

/// A state that was written and read again is the state, and goes on as it would have.
@Suite struct SnapshotTests {
    static let seeds: UInt64 = 120
    static let wall: UInt64 = 1 << 60

    @Test func `snapshot and tail are the whole fold, whatever the history and the cut`() throws {
        print("seeds 1...\(Self.seeds)")
        for seed in 1...Self.seeds {
            let history = try HostileHistories.make(seed: seed, size: 20 + Int(seed * 7 % 61))
            var random = SeededRandom(seed: seed &* 131)
            let cut = Int.random(in: 1...history.envelopes.count, using: &random)
            var grown = Replica(id: history.server)
            for envelope in history.envelopes[..<cut] {
                _ = grown.receive(envelope.bytes, wallMilliseconds: Self.wall)
            }
            guard grown.state.isFounded else { continue }
            var disk = SnapshotRoundTrip(history.envelopes)
            disk.write(&grown)
            var restored = try disk.read()
            let atCut = SnapshotRoundTrip.differences(grown, restored)
            #expect(atCut.isEmpty, "seed \(seed), cut \(cut): \(atCut)")
            for envelope in history.envelopes[cut...] {
                let expected = grown.receive(envelope.bytes, wallMilliseconds: Self.wall)
                let found = restored.receive(envelope.bytes, wallMilliseconds: Self.wall)
                #expect(expected.word == found.word, "seed \(seed), cut \(cut), \(envelope.id)")
            }
            let atEnd = SnapshotRoundTrip.differences(grown, restored)
            #expect(atEnd.isEmpty, "seed \(seed), cut \(cut): \(atEnd)")
        }
    }

    @Test func `many cuts of a shuffled history write what one would`() throws {
        for seed in 1...UInt64(30) {
            let history = try HostileHistories.make(seed: seed &+ 500, size: 60)
            var random = SeededRandom(seed: seed)
            let rest = history.envelopes.dropFirst().shuffled(using: &random)
            var replica = Replica(id: history.server)
            var disk = SnapshotRoundTrip(history.envelopes)
            for (number, envelope) in ([history.envelopes[0]] + rest).enumerated() {
                _ = replica.receive(envelope.bytes, wallMilliseconds: Self.wall)
                if number.isMultiple(of: 9) { disk.write(&replica) }
            }
            disk.write(&replica)
            #expect(disk.differsFromWhole(replica).isEmpty, "seed \(seed)")
            let problems = SnapshotRoundTrip.differences(replica, try disk.read())
            #expect(problems.isEmpty, "seed \(seed): \(problems)")
        }
    }

    @Test func `of a long history only the blocks that changed are written`() throws {
        var history = try LargeHistory(seed: 4, authors: 40)
        var envelopes = history.setup
        var replica = Replica(id: history.server)
        for envelope in history.setup {
            let event = try Event(decoding: envelope, for: history.server)
            _ = replica.insert(event, envelope, source: nil, wallMilliseconds: .max)
        }
        for _ in 0..<5_000 {
            let (event, envelope) = try history.next()
            _ = replica.insert(event, envelope, source: nil, wallMilliseconds: .max)
        }
        let first = replica.snapshot(since: .none)
        #expect(first.changedParts == first.parts)
        #expect(first.parts.count >= 5)
        for _ in 0..<10 {
            let (event, envelope) = try history.next()
            _ = replica.insert(event, envelope, source: nil, wallMilliseconds: .max)
        }
        let second = replica.snapshot(since: first.mark)
        #expect(second.changedParts.count == 3, "\(second.changedParts)")
        // A removal that takes an author's messages back reaches into old blocks.
        let (event, envelope) = try history.remove(20, by: 3)
        envelopes.append(envelope)
        _ = replica.insert(event, envelope, source: nil, wallMilliseconds: .max)
        var disk = SnapshotRoundTrip(envelopes)
        disk.write(&replica)
        #expect(SnapshotRoundTrip.differences(replica, try disk.read()).isEmpty)
    }

    @Test func `damaged parts are refused or read, never more`() throws {
        let history = try HostileHistories.make(seed: 77, size: 80)
        var replica = Replica(id: history.server)
        for envelope in history.envelopes {
            _ = replica.receive(envelope.bytes, wallMilliseconds: Self.wall)
        }
        var disk = SnapshotRoundTrip(history.envelopes)
        disk.write(&replica)
        var random = SeededRandom(seed: 5)
        var refused = 0
        for part in disk.parts.keys.sorted() {
            var missing = disk
            missing.damage(part, nil)
            #expect(throws: StoreFailure.self) { try missing.read() }
            for _ in 0..<300 {
                var damaged = disk
                var bytes = disk.parts[part] ?? []
                if Bool.random(using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] ^=
                        1 << UInt8.random(in: 0..<8, using: &random)
                } else {
                    bytes = Array(bytes.prefix(Int.random(in: bytes.indices, using: &random)))
                }
                damaged.damage(part, bytes)
                do { _ = try damaged.read() } catch { refused += 1 }
            }
        }
        #expect(refused > 500)
    }
}
