/// How much of a message a result shows (MCP 8.2).
package enum OutputFormat: String, CaseIterable, Sendable {
    case concise
    case detailed

    /// - Units: UTF-8 bytes of one text in a page.
    var bodyBytes: Int { self == .concise ? 2_000 : 16_384 }
    var textBytes: Int { self == .concise ? 10_000 : 32_000 }
    var frameBytes: Int { self == .concise ? 24_000 : 64_000 }
}
