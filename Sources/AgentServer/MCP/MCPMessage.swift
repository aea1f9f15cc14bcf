/// One JSON-RPC message from the client, told apart but not yet understood.
package enum MCPMessage: Sendable {
    case request(MCPRequest)
    case notification(method: String, params: JSONObject)
    /// An answer to something asked of the client.
    case response(JSON)
    /// A notification that cannot be read.
    case ignored
    case invalid(MCPRequestID?, MCPError)

    /// - Parameter rawID: how the id was written, when that is known.
    package init(_ json: JSON, rawID: [UInt8]? = nil) {
        guard let object = json.object else {
            self = .invalid(nil, MCPError(.invalidRequest, "A message is a JSON object."))
            return
        }
        let idValue = object["id"]
        let id = idValue.flatMap { MCPRequestID($0, raw: rawID) }
        func refuse(_ text: String) -> MCPMessage {
            .invalid(id, MCPError(.invalidRequest, text))
        }
        guard object["jsonrpc"] == "2.0" else {
            self = refuse("\"jsonrpc\" must be \"2.0\".")
            return
        }
        guard let methodValue = object["method"] else {
            let isResponse = object["result"] != nil || object["error"] != nil
            self = isResponse ? .response(json) : refuse("\"method\" is missing.")
            return
        }
        guard let method = methodValue.string else {
            self = refuse("\"method\" must be a string.")
            return
        }
        if idValue != nil && id == nil {
            self = refuse("\"id\" must be a string or a whole number of at most 64 bits.")
            return
        }
        guard let params = object["params", default: .object(JSONObject())].object else {
            let problem = MCPError(.invalidParams, "\"params\" must be an object.")
            self = id == nil ? .ignored : .invalid(id, problem)
            return
        }
        if let id {
            self = .request(MCPRequest(id: id, method: method, params: params))
        } else {
            self = .notification(method: method, params: params)
        }
    }
}

extension MCPMessage {
    /// Of a request, as far as it can be read.
    var requestID: MCPRequestID? {
        switch self {
        case .request(let request): request.id
        case .invalid(let id, _): id
        case .notification, .response, .ignored: nil
        }
    }
}

extension JSONObject {
    fileprivate subscript(_ key: String, default value: JSON) -> JSON { self[key] ?? value }
}
