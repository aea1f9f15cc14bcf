import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// S-142: messages written apart at the same logical time.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct SameLamportTests {
    /// The order in which two messages were first seen together, which is never turned round.
    private struct Places {
        private var order: [String: [String]] = [:]

        mutating func note(_ texts: [String], of node: Int) {
            let before = order["\(node)"] ?? []
            let known = Set(before)
            #expect(texts.filter(known.contains) == before, "node \(node)")
            order["\(node)"] = texts
        }
    }

    @Test func `S-142 fifty each at the same lamport stand in one order, and keep it`() throws {
        let mesh = try Mesh(seed: 142, count: 3)
        let (server, channel) = try mesh.gather()
        var places = Places()
        func look() throws {
            for node in 0..<3 { places.note(try mesh.texts(node, server, channel), of: node) }
        }
        mesh.partition([[0], [1], [2]])
        var lamports: [Int: Set<UInt64>] = [:]
        for number in 0..<50 {
            for node in [1, 2] {
                let sent = try mesh.post(node, server, channel, "\(node) says \(number)")
                let state = try #require(mesh.core(node).servers[server]?.state)
                let event = try #require(sent.event)
                let slot = try #require(state.graph.slot(of: event))
                lamports[node, default: []].insert(state.graph.order(slot).lamport)
            }
            if number.isMultiple(of: 10) { try look() }
        }
        #expect(lamports[1]?.count == 50 && lamports[1] == lamports[2])
        mesh.heal()
        for _ in 0..<30 {
            mesh.run(for: .seconds(6))
            try look()
        }
        let shown = try (0..<3).map { try mesh.texts($0, server, channel) }
        #expect(shown[0].count == 100 && shown[1] == shown[0] && shown[2] == shown[0])
        // At each lamport both stand side by side, always in the same order of their authors.
        let first = shown[0].first ?? ""
        #expect(
            shown[0].enumerated().allSatisfy { place, text in
                text.hasPrefix(String(first.prefix(1))) == place.isMultiple(of: 2)
            })
    }
}
