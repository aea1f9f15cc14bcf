// What an issued token would have to allow for a request (MCP 9.5, mode B).
extension Access {
    /// Every scope that the request takes and the token lacks; empty for the node's own tokens.
    package func missing(for method: MCPMethod) -> Set<Scope> {
        guard issuedScopes != nil else { return [] }
        switch method {
        case .callTool(let name, _):
            guard let tool = MCPToolCatalog.named(name), !admits(tool) else { return [] }
            let lists = Scope.allCases.first {
                tool.scope <= $0 && !tool.toolsets.isDisjoint(with: Toolset.listed(by: $0))
            }
            return lists.map { [$0] } ?? []
        case .readResource(let uri), .subscribe(let uri):
            return missing(ResourceTarget(uri)?.scope)
        case .getPrompt(let name, _): return missing(PromptCatalog.named(name)?.scope)
        default: return []
        }
    }

    private func missing(_ needed: Scope?) -> Set<Scope> {
        guard let needed, needed > scope else { return [] }
        return [needed]
    }
}
