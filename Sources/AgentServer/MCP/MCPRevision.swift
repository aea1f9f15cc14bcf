/// A revision of the Model Context Protocol, oldest first.
///
/// - Source: MCP 2, and the table of fields by revision in MCP 2.6.
package enum MCPRevision: String, CaseIterable, Comparable, Sendable {
    case november2024 = "2024-11-05"
    case march2025 = "2025-03-26"
    case june2025 = "2025-06-18"
    case november2025 = "2025-11-25"
    case july2026 = "2026-07-28"

    package static let modern: [MCPRevision] = [.july2026]
    package static let newestLegacy = MCPRevision.november2025

    package var isModern: Bool { self >= .july2026 }
    /// JSON arrays of messages.
    package var hasBatches: Bool { self == .march2025 }
    package var hasToolAnnotations: Bool { self >= .march2025 }
    package var hasProgressMessage: Bool { self >= .march2025 }
    /// `title`, `outputSchema`, `structuredContent`, `resource_link` and `lastModified`.
    package var hasStructuredResults: Bool { self >= .june2025 }
    /// Forms that a client puts before a person.
    package var hasElicitation: Bool { self >= .june2025 }
    /// The capability that announces completion.
    package var hasCompletions: Bool { self >= .march2025 }
    /// Blocks of sound.
    package var hasAudio: Bool { self >= .march2025 }
    /// Errors that answer no readable request leave `id` out instead of writing `null`.
    package var leavesOutUnknownID: Bool { self >= .november2025 }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
