import PeerNode

/// Tools, prompts and resources that stand in place of the node's own.
///
/// The protocol around them stays the same, so that whatever a test server offers shows how the
/// product behaves.
package protocol MCPOffer: Sendable {
    func tools(for revision: MCPRevision) async -> [JSON]
    func prompts(for revision: MCPRevision) async -> [JSON]
    func resources(for revision: MCPRevision) async -> [JSON]
    func templates(for revision: MCPRevision) async -> [JSON]

    /// - Errors: `MCPError`; `invalidParams` for a name that is not offered.
    func call(
        _ name: String, _ arguments: JSONObject, _ request: OfferRequest
    ) async throws -> OfferReply
    /// - Errors: as `call`.
    func prompt(
        _ name: String, _ arguments: JSONObject, _ request: OfferRequest
    ) async throws -> OfferReply

    /// One entry of `contents`; `nil` for what does not exist.
    func read(_ uri: String, for revision: MCPRevision) async -> JSON?
    func isWatchable(_ uri: String) async -> Bool
    /// `nil` for a reference that does not exist.
    func completions(_ asked: MCPCompletion) async -> [String]?
    /// The arguments of a tool that HTTP headers repeat, by the part of the header's name.
    func mirrored(in tool: String) -> [(header: String, argument: String)]
}

/// How an offered tool or prompt goes on.
package enum OfferReply: Sendable {
    /// Members of the result.
    case complete(JSONObject)
    /// Questions by key. With a memory the same call must come back with it.
    case ask(JSONObject, memory: String?)
    case task(TaskWork)
}
