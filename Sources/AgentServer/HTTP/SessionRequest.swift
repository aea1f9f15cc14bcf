import PeerState

/// A request of a legacy session that had no answer yet when it was written down.
///
/// - Source: MCP 11, N3.
package struct SessionRequest: Hashable, Sendable {
    package let id: MCPRequestID
    /// Enough to wait on in another process; `nil` = such a call is answered with `interrupted`.
    package let wait: Wait?

    /// A `wait_for_messages` under way.
    package struct Wait: Hashable, Sendable {
        /// As the client wrote them, with the place from which to look.
        var arguments: JSONObject
        let progressToken: JSON?
        /// ms since 1970.
        let begunAt: UInt64

        package init(arguments: JSONObject, progressToken: JSON?, begunAt: UInt64) {
            self.arguments = arguments
            self.progressToken = progressToken
            self.begunAt = begunAt
        }
    }

    package init(_ id: MCPRequestID, wait: Wait?) {
        self.id = id
        self.wait = wait
    }

    /// What the database keeps.
    var json: JSON {
        // The id as text, so that it comes back digit for digit.
        var object: JSONObject = ["id": .string(String(decoding: id.raw, as: UTF8.self))]
        if let wait {
            object.append("arguments", .object(wait.arguments))
            object.append("begun_ms", JSON(wait.begunAt))
            if let token = wait.progressToken { object.append("progress", token) }
        }
        return .object(object)
    }

    /// - Returns: `nil` for what this program did not write.
    init?(_ json: JSON) {
        guard let text = json["id"]?.string else { return nil }
        let raw = Array(text.utf8)
        do {
            guard let id = MCPRequestID(try JSON(parsing: raw), raw: raw) else { return nil }
            self.id = id
        } catch {
            return nil
        }
        guard let arguments = json["arguments"]?.object, let begun = json["begun_ms"]?.integer
        else {
            wait = nil
            return
        }
        wait = Wait(
            arguments: arguments, progressToken: json["progress"],
            begunAt: UInt64(clamping: begun))
    }
}
