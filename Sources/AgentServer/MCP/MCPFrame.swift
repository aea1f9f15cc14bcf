/// Writes JSON-RPC messages, each one line.
package enum MCPFrame {
    /// An answer, without the line break.
    static func answer(_ id: MCPRequestID, _ answer: MCPAnswer) -> [UInt8] {
        var frame: [UInt8] = []
        switch answer {
        case .encoded(let result): frame.reserveCapacity(result.count + id.raw.count + 48)
        default: frame.reserveCapacity(512)
        }
        frame.append(contentsOf: #"{"jsonrpc":"2.0","id":"#.utf8)
        frame.append(contentsOf: id.raw)
        switch answer {
        case .result(let result):
            frame.append(contentsOf: #","result":"#.utf8)
            result.write(into: &frame)
        case .encoded(let result):
            frame.append(contentsOf: #","result":"#.utf8)
            frame.append(contentsOf: result)
        case .error(let error):
            frame.append(contentsOf: #","error":"#.utf8)
            error.json.write(into: &frame)
        }
        frame.append(UInt8(ascii: "}"))
        return frame
    }

    /// An error for something without a readable id (MCP 2.6, last row).
    static func error(_ error: MCPError, revision: MCPRevision?) -> [UInt8] {
        var object: JSONObject = ["jsonrpc": "2.0"]
        if revision?.leavesOutUnknownID == false { object.append("id", .null) }
        object.append("error", error.json)
        return JSON.object(object).encoded
    }

    static func request(_ id: String, _ method: String, _ params: JSONObject) -> [UInt8] {
        let object: JSONObject = [
            "jsonrpc": "2.0", "id": .string(id), "method": .string(method),
            "params": .object(params),
        ]
        return JSON.object(object).encoded
    }

    static func notification(_ method: String, _ params: JSONObject?) -> [UInt8] {
        var object: JSONObject = ["jsonrpc": "2.0", "method": .string(method)]
        if let params { object.append("params", .object(params)) }
        return JSON.object(object).encoded
    }
}
