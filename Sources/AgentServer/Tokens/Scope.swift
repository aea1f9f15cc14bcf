/// How much an agent may ask of its node; each level includes the ones before.
///
/// - Source: MCP 9.1.
package enum Scope: String, CaseIterable, Comparable, Sendable {
    case readOnly = "read-only"
    case messaging
    case admin
    case full

    private var rank: Int {
        switch self {
        case .readOnly: 0
        case .messaging: 1
        case .admin: 2
        case .full: 3
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}
