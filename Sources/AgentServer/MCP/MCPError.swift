/// A JSON-RPC error: the request was not understood or not admitted.
///
/// What goes wrong inside a tool is a result with `isError` instead (MCP 3.2).
package struct MCPError: Error, Hashable, Sendable {
    /// - Source: MCP 2.7.
    package enum Code: Int, Sendable {
        case parseError = -32700
        case invalidRequest = -32600
        case methodNotFound = -32601
        case invalidParams = -32602
        case internalError = -32603
        case headerMismatch = -32020
        case missingClientCapability = -32021
        case unsupportedProtocolVersion = -32022
        case resourceNotFound = -32002
        case unauthorized = 4001
        case scopeDenied = 4003
        case rateLimited = 4029
        case unavailable = 4503
    }

    package var code: Code
    package var message: String
    package var data: JSON?

    package init(_ code: Code, _ message: String, data: JSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    package var json: JSON {
        var object: JSONObject = ["code": JSON(code.rawValue), "message": .string(message)]
        object["data"] = data
        return .object(object)
    }

    /// - Parameter capabilities: what the client would have to declare.
    package static func missing(_ capabilities: JSON) -> MCPError {
        MCPError(
            .missingClientCapability, "Missing required client capability",
            data: ["requiredCapabilities": capabilities])
    }

    package static func unsupported(_ requested: String) -> MCPError {
        MCPError(
            .unsupportedProtocolVersion, "Unsupported protocol version",
            data: [
                "supported": JSON(MCPRevision.modern.map(\.rawValue)),
                "requested": .string(requested),
            ])
    }
}
