/// A request whose method and parameters still have to be decoded by a front end.
package struct MCPRequest: Sendable {
    package var id: MCPRequestID
    package var method: String
    package var params: JSONObject
}
