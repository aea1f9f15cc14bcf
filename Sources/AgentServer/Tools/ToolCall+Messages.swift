package import PeerNode
import PeerState

extension ToolCall {
    /// - Errors: `unknown_message`, `ambiguous_id`.
    package func message(_ address: MessageAddress) async throws -> MessageSnapshot {
        if let id = Event.ID(hex: address.digits) { return try await port.message(id) }
        let ids = await port.messageIDs(startingWith: address.digits)
        guard let id = ids.first else {
            throw ToolRefusal(.unknownMessage, "No message here has that id.")
        }
        guard ids.count == 1 else {
            throw ToolRefusal(
                .ambiguousID, "Several messages begin like that; give more digits.",
                facts: ["candidates": JSON(ids.map(\.hex))])
        }
        return try await port.message(id)
    }
}
