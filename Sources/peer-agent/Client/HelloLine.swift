import AgentServer
import PeerState

/// The first line on the socket file: who asks, and what it may do.
///
/// - Source: MCP 9.7.
struct HelloLine {
    var scope = "full"
    var toolsets: [String]?
    var tools: [String]?
    var resources: [String]?
    var pushes = false
    var pushFrom: [String] = []
    var consent: String?
    var channels = ChannelRules()
    var label: String
    var token: String?

    init(label: String) {
        self.label = label
    }

    /// With its line break.
    var encoded: [UInt8] {
        var object: JSONObject = [
            "peer_agent_hello": 1, "scope": .string(scope), "label": .string(label),
        ]
        if let toolsets { object.append("toolsets", JSON(toolsets)) }
        if let tools { object.append("tools", JSON(tools)) }
        if let resources { object.append("resources", JSON(resources)) }
        if pushes { object.append("push", true) }
        if !pushFrom.isEmpty { object.append("push_from", JSON(pushFrom)) }
        if let consent { object.append("consent", .string(consent)) }
        if channels != ChannelRules() { object.append("channels", .object(channels.json)) }
        if let token { object.append("token", .string(token)) }
        return JSON.object(object).encoded + [0x0A]
    }

    /// Why the node did not accept it; `nil` when it did.
    static func refusal(in answer: [UInt8]) -> CLIFailure? {
        let json: JSON
        do {
            json = try JSON(parsing: answer)
        } catch {
            return CLIFailure(.nodeUnreachable, "the node's greeting is no JSON")
        }
        if json["ok"]?.bool == true { return nil }
        return CLIFailure(.nodeRefused, json["error"]?.string ?? "the node gave no reason")
    }
}
