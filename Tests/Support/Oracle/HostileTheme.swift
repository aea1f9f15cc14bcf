import PeerState

/// What a history is mostly about; each kind still occurs in each.
enum HostileTheme: CaseIterable {
    case general, removals, roles, votes, links, forks, content, agents, transfers, keys, direct

    private static let weights: [(kind: UInt64, weight: Int)] = [
        (1, 2), (2, 1), (3, 1), (4, 1), (10, 8), (11, 5), (12, 3), (13, 1), (14, 3), (15, 3),
        (20, 4), (21, 4), (22, 3), (23, 1), (24, 3), (25, 4), (26, 3), (27, 1), (30, 3), (31, 6),
        (32, 1), (33, 8), (40, 2), (41, 1), (42, 8), (50, 3), (51, 1), (52, 1), (53, 1), (54, 2),
        (55, 1), (60, 8), (61, 2), (62, 2), (63, 3), (64, 2), (65, 3), (66, 1), (70, 2), (80, 3),
        (81, 4), (82, 3), (83, 1), (100, 1),
    ]

    private var loved: Set<UInt64> {
        switch self {
        case .general, .direct: []
        case .removals: [10, 11, 12, 13, 14]
        case .roles: [20, 21, 22, 24, 25, 26, 40, 50, 60, 62, 65]
        case .votes: [30, 31, 32, 33]
        case .links: [40, 41, 42, 20, 21]
        case .forks: [10, 11, 14, 15, 60, 65]
        case .content: [50, 51, 60, 61, 62, 63, 64, 65, 66]
        case .agents: [10, 60, 20]
        case .transfers: [4, 10, 11, 13]
        case .keys: [80, 81, 82, 83, 11, 60]
        }
    }

    /// Draws a kind; who was removed and knows it prefers puppets and revenge.
    func kind(_ random: inout SeededRandom, isDefiant: Bool) -> UInt64? {
        if isDefiant && Bool.random(using: &random) {
            return ([10, 10, 11, 20, 60, 62, 40, 42, 14] as [UInt64]).randomElement(using: &random)
        }
        let drawn = Self.weights.map { entry in
            (entry.kind, entry.weight * (loved.contains(entry.kind) ? 5 : 1))
        }
        var left = Int.random(in: 0..<drawn.reduce(0) { $0 + $1.1 }, using: &random)
        for (kind, weight) in drawn {
            left -= weight
            if left < 0 { return kind }
        }
        return nil
    }
}
