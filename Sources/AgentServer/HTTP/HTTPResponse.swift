/// What a request is answered with, as a value.
package struct HTTPResponse: Hashable, Sendable {
    package var status: Int
    package var fields: [HTTPHead.Field]
    package var body: [UInt8]
    /// What the body says, if it answers no readable request.
    private var refusal: MCPError?

    package init(
        _ status: Int, _ fields: [HTTPHead.Field] = [], body: [UInt8] = []
    ) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status, [.init(name: "Content-Type", value: "text/plain; charset=utf-8")],
            body: Array(text.utf8))
    }

    /// For an address that nothing is at.
    static func nothingHere(butPage hasPage: Bool = false) -> HTTPResponse {
        let people = hasPage ? ", a page for people at \(PageFiles.path)" : ""
        return .text(404, "Nothing is served here; MCP is at /mcp\(people).\n")
    }

    package static func json(_ status: Int, _ body: [UInt8]) -> HTTPResponse {
        HTTPResponse(
            status,
            [
                .init(name: "Content-Type", value: "application/json"),
                .init(name: "Cache-Control", value: "no-store"),
            ], body: body)
    }

    /// A JSON-RPC error that answers no readable request.
    package static func error(_ status: Int, _ error: MCPError) -> HTTPResponse {
        var response = json(status, MCPFrame.error(error, revision: .newestLegacy))
        response.refusal = error
        return response
    }

    /// The same in the words of a revision in which an error says that it knows no id (MCP 2.6).
    func naming(_ revision: MCPRevision?) -> HTTPResponse {
        guard let refusal else { return self }
        var copy = self
        copy.body = MCPFrame.error(refusal, revision: revision)
        return copy
    }

    package func with(_ name: String, _ value: String) -> HTTPResponse {
        var copy = self
        copy.fields.append(.init(name: name, value: value))
        return copy
    }

    /// The bytes of status line and headers.
    ///
    /// - Parameter framing: how the body ends, as the last headers.
    package func head(_ framing: [HTTPHead.Field]) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(Self.reason(status))\r\n"
        for field in fields + framing { text += "\(field.name): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private static func reason(_ status: Int) -> String { reasons[status] ?? "Other" }

    private static let reasons: [Int: String] = [
        200: "OK", 202: "Accepted", 204: "No Content", 400: "Bad Request", 401: "Unauthorized",
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        408: "Request Timeout", 411: "Length Required", 413: "Content Too Large",
        414: "URI Too Long", 415: "Unsupported Media Type", 417: "Expectation Failed",
        429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
        505: "HTTP Version Not Supported",
    ]
}
