/// What a client wants completed: one argument of a prompt or of a resource template.
package struct MCPCompletion: Sendable {
    package enum Reference: Hashable, Sendable {
        case prompt(String)
        /// The text of a template.
        case resource(String)
    }

    package var reference: Reference
    package var argument: String
    package var value: String
    /// Arguments that are filled in already.
    package var context: [String: String]

    /// - Errors: `invalidParams`.
    init(_ params: JSONObject) throws(MCPError) {
        let name = params["ref"]?["name"]?.string
        let uri = params["ref"]?["uri"]?.string
        switch (params["ref"]?["type"]?.string, name, uri) {
        case ("ref/prompt", let name?, _): reference = .prompt(name)
        case ("ref/resource", _, let uri?): reference = .resource(uri)
        default:
            throw MCPError(
                .invalidParams, "\"ref\" must name a prompt or the uri of a resource template.")
        }
        guard let argument = params["argument"]?["name"]?.string,
            let value = params["argument"]?["value"]?.string
        else {
            throw MCPError(.invalidParams, "\"argument\" must hold \"name\" and \"value\", texts.")
        }
        self.argument = argument
        self.value = value
        context = [:]
        for member in params["context"]?["arguments"]?.object?.members ?? [] {
            context[member.key] = member.value.string
        }
    }
}
