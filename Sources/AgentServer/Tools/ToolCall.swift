package import PeerNode
import PeerState

/// What a tool's handler may use: the node, who asks, and the way to report progress.
package struct ToolCall: Sendable {
    package let port: any AgentPort
    package internal(set) var access: Access
    /// `nil` when a resource is read, which never takes long.
    package let exchange: MCPExchange?
    /// Whether nobody holds a request open for the result.
    package let isTask: Bool
    /// Whether this comes too soon after the last of its kind, for a tool that then tells nothing.
    var isTooSoon = false
    /// Bytes of the largest file that is taken.
    package var fileSize = Limits.fileSize
    /// Where waits are prepared and shown, few at a time.
    var turnstile = Turnstile()
    /// What calls left behind; `nil` = nothing is kept.
    var audit: AgentStore?

    package init(
        port: any AgentPort, access: Access, exchange: MCPExchange? = nil, isTask: Bool = false
    ) {
        self.port = port
        self.access = access
        self.exchange = exchange
        self.isTask = isTask
    }

    package var principal: String { access.principal }

    /// Whether the client is shown nothing besides the text of a result (MCP 2.6).
    var hasTextAlone: Bool { exchange.map { !$0.revision.hasStructuredResults } ?? false }

    /// Makes the text of a cursor of this node.
    package func cursor(_ feed: UInt64, _ page: Cursor.Page = .none) -> String {
        Cursor(feed: feed, page: page).text(storeTag: port.storeTag)
    }

    /// - Errors: `bad_cursor`.
    package func cursor(from text: String) throws -> Cursor {
        guard let cursor = Cursor(text, storeTag: port.storeTag) else {
            throw ToolRefusal(
                .badCursor, "That cursor is not from this node; start again with inbox.")
        }
        return cursor
    }

    /// Passes when the act was agreed to (MCP 10).
    ///
    /// - Parameter act: what exactly would happen, as a sentence.
    /// - Errors: `consent_required`.
    package func needConsent(_ confirmation: Confirmation, _ act: String) throws {
        switch access.consent {
        case .off: return
        case .confirm where confirmation.isGiven: return
        case .confirm:
            throw ToolRefusal(
                .consentRequired, "\(act) Nothing was done. Repeat with confirm:true to do it.")
        case .human:
            throw ToolRefusal(
                .consentRequired,
                "\(act) Nothing was done. A person must agree, and this client cannot ask one.")
        }
    }
}
