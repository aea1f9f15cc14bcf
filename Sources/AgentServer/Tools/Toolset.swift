/// A group of tools that is listed or left out together.
///
/// - Source: MCP 3.6.
package enum Toolset: String, CaseIterable, Sendable {
    case messaging, reading, channels, members, roles, server, invites, live, files, admin, audit

    /// What is listed when nothing else was asked for.
    package static func listed(by scope: Scope) -> Set<Toolset> {
        switch scope {
        case .readOnly: [.reading]
        case .messaging: [.messaging]
        case .admin: [.messaging, .channels, .members, .roles, .server, .invites]
        case .full: Set(allCases)
        }
    }
}
