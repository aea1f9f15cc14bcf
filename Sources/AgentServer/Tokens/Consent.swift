/// Who must agree to an act that reaches further than a message (MCP 10).
package enum Consent: String, CaseIterable, Sendable {
    /// A person, whom the client asks; `confirm` is ignored.
    case human
    /// The agent itself, by `confirm:true`.
    case confirm
    case off
}
