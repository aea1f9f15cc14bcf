import PeerState

/// What is posted to a webhook: a text, and an id that makes a retry safe.
struct HookPost: Hashable, Sendable {
    let text: String
    let clientID: String

    /// - Errors: a `ToolRefusal` that names what is wrong.
    init(_ body: [UInt8]) throws {
        let json: JSON
        do {
            json = try JSON(parsing: body)
        } catch {
            throw ToolRefusal(.invalidArgument, "The body is no JSON: \(error)")
        }
        guard let object = json.object else {
            throw ToolRefusal(.invalidArgument, "The body is no JSON object.")
        }
        let known = ["text", "client_msg_id"]
        if let other = object.members.first(where: { !known.contains($0.key) }) {
            throw ToolRefusal.invalid(
                Sanitiser.name(other.key), "unknown; there are: \(known.joined(separator: ", ")).")
        }
        text = try ArgumentReading.text(
            object["text"] ?? .null, "text", bytes: 1...Limits.messageBytes)
        clientID = try ArgumentReading.text(
            object["client_msg_id"] ?? .null, "client_msg_id", bytes: 1...64)
        if let finding = SecretScan.finding(in: text) {
            throw ToolRefusal(
                .consentRequired, "text: this would post \(finding) for ever; nothing was sent.")
        }
    }
}
