import Foundation
import PeerNet
import PeerState
import PeerTesting
import Testing

/// What a meeting of two nodes costs, and what happens when it is cut short (SCENARIOS 11).
@Suite struct SyncScenarioTests {
    static let home = SyncWorld.home

    /// A server of a million events by a thousand authors, of which only the heads are looked at.
    private struct Million: SyncContext {
        let known: [Peer.ID: Head]

        init() {
            known = Dictionary(
                uniqueKeysWithValues: (0..<1_000).map {
                    (toyPeer($0), Head(seq: 1_000, id: Event.ID(toyPeer(20_000 + $0))))
                })
        }

        func servers() -> [Server.ID] { [SyncScenarioTests.home] }
        func standing(of peer: Peer.ID, in server: Server.ID) -> PeerStanding { .member }
        func heads(of server: Server.ID) -> [Peer.ID: Head] { known }
        func eventCount(of server: Server.ID) -> UInt64 { 1_000_000 }
        func isKnown(_ id: Event.ID, in server: Server.ID) -> Bool {
            Issue.record("no event is asked about")
            return true
        }
        func offer(for peer: Peer.ID, in server: Server.ID) -> [[UInt8]]? { nil }
        func stateHash(of server: Server.ID) -> Digest.Value { Sodium.hash("toy", server.bytes) }
        func peersNamed(by event: Event) -> [Peer.ID] { [] }
    }

    @Test func `S-210 two that hold the same million events say one small Hello each`() throws {
        let context = Million()
        var cores = (0..<2).map { ToyNode($0).core }
        var inputs: [(node: Int, input: SyncCore.Input)] = (0..<2).map { ($0, toyUp(1, 1 - $0)) }
        var sent: [[SyncMessage]] = [[], []]
        var caughtUp = [false, false]
        while !inputs.isEmpty {
            let (node, input) = inputs.removeFirst()
            for effect in cores[node].handle(input, context: context, now: .zero) {
                switch effect {
                case .send(let link, let frame):
                    #expect(frame.count <= 110, "\(frame.count) bytes")
                    sent[node].append(try SyncMessage(decoding: frame))
                    inputs.append((1 - node, .frame(link, frame)))
                case .caughtUp: caughtUp[node] = true
                case .wake: break
                default: Issue.record("\(effect)")
                }
            }
        }
        #expect(sent.map { $0.map(\.type) } == [[10], [10]])
        #expect(caughtUp == [true, true])
    }

    @Test(arguments: [(1, 1_000), (10, 10_000)])
    func `S-211 of many authors just the changed ones are fetched`(
        changed: Int, authors: Int
    ) throws {
        var world = SyncReconcileTests.pair(UInt64(authors), authors: authors)
        let first = authors / 3
        SyncReconcileTests.advance(&world, 0, first..<first + changed)
        let expected = Set(
            (first..<first + changed).map {
                toyChain(toyPeer(10_000 + $0), Self.home, 2)[1].envelope
            })
        world.connectAll()
        world.run(for: .seconds(20)) { $0.hasConverged }
        #expect(world.hasConverged && world.violations.isEmpty, "\(world.violations)")
        #expect(world.received[1] == expected && world.received[0] == nil)
        let bytes = (0..<2).reduce(0) { $0 + (world.sent[$1]?.bytes ?? 0) }
        print("sync: \(changed) of \(authors) authors found and fetched with \(bytes) bytes")
        // Sixteen ranges a step, and three to four steps down to each author that differs.
        #expect(bytes <= 4_000 + changed * 4_000, "\(bytes) bytes")
    }

    /// `PEER_LONG=1` takes the 50,000 of the scenario, minutes without optimisation.
    private static let history = getenv("PEER_LONG") == nil ? 5_000 : 50_000

    @Test func `S-212 a whole history comes over within the window, wherever it is cut`() {
        var world = SyncWorld(Seed(212), nodes: 2)
        let authors = 50
        for number in 0..<authors {
            for event in toyChain(toyPeer(500 + number), Self.home, Self.history / authors) {
                _ = world.nodes[0].replica.insert(event)
            }
        }
        world.connectAll()
        var random = world.seed.stream("cuts")
        for _ in 0..<10 {
            let stop = (world.sent[0]?.frames ?? 0) + 1 + Int(random.next() % 30)
            world.run(for: .seconds(60)) { $0.hasConverged || ($0.sent[0]?.frames ?? 0) >= stop }
            guard !world.hasConverged else { break }
            for link in world.network.openLinks { world.network.cut(link) }
            world.run(for: .seconds(1))
            world.network.connect(from: 1, to: 0)
        }
        world.run(for: .seconds(300)) { $0.hasConverged }
        #expect(world.hasConverged)
        // Who comes back again and again within seconds may be told to ask less often.
        let bad = world.violations.filter { !$0.contains("overQuota") }
        #expect(bad.isEmpty, "\(bad)")
        #expect(world.largestOutstanding <= Limits.creditWindow)
        #expect(world.received[1]?.count == Self.history)
    }

    /// One of two who hold everything is gone from its `number`-th message on: at once, or without
    /// a word.
    @Test(arguments: [false, true])
    func `S-224 another takes over wherever the chosen peer dies`(isSilent: Bool) {
        for victim in 0..<2 {
            var number = 1
            var wasCut = true
            while wasCut {
                var world = SyncWorld(Seed(224), nodes: 3)
                for author in 0..<3 {
                    for event in toyChain(toyPeer(500 + author), Self.home, 40, size: 2_000) {
                        for node in 0..<2 { _ = world.nodes[node].replica.insert(event) }
                    }
                }
                for holder in 0..<2 { world.network.connect(from: 2, to: holder) }
                world.run(for: .seconds(60)) {
                    $0.hasConverged || ($0.sent[victim]?.frames ?? 0) >= number
                }
                wasCut = !world.hasConverged
                let others = [0, 1, 2].filter { $0 != victim }
                world.network.partition([[victim], others], isSilent: isSilent)
                // 15 silent seconds, and what is left of the history.
                world.run(for: .seconds(20)) { $0.hasConverged }
                #expect(world.hasConverged, "node \(victim), message \(number)")
                #expect(world.violations.isEmpty, "\(number): \(world.violations)")
                number += 1
            }
            #expect(number > 3, "node \(victim) died at \(number) messages")
        }
    }
}
