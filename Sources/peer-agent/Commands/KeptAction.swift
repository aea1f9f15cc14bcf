import AgentServer
import PeerState

/// What is done with things that a node keeps for other programs: `token` and `hook`.
enum KeptAction<Order: Sendable>: Sendable {
    case create(Order)
    case list
    case revoke(String)

    /// - Parameters:
    ///   - command: its name, for what it says.
    ///   - order: reads what `create` needs.
    /// - Errors: `usage`; those of `order`.
    init(
        _ arguments: Arguments, of command: String, order: () throws(CLIFailure) -> Order
    ) throws(CLIFailure) {
        switch (arguments.words.first, arguments.words.count) {
        case ("create", 1): self = .create(try order())
        case ("list", 1): self = .list
        case ("revoke", 2):
            let id = arguments.words[1]
            // It becomes a part of an address.
            let letters = "abcdefghijklmnopqrstuvwxyz0123456789_"
            guard id.allSatisfy({ letters.contains($0) }) else {
                throw CLIFailure(
                    .usage, "\(id.quoted) is no id of a \(command); see \(command) list")
            }
            self = .revoke(id)
        default: throw CLIFailure(.usage, "\(command) takes one of: create, list, revoke ID")
        }
    }

    /// Asks the node that runs.
    func ask(
        _ node: LocalNode, at target: String, _ json: (Order) -> JSON
    ) throws(CLIFailure) -> JSON {
        switch self {
        case .create(let order): try node.ask("POST", target, json(order))
        case .list: try node.ask("GET", target)
        case .revoke(let id): try node.ask("DELETE", "\(target)/\(id)")
        }
    }

    /// Prints one row a line.
    static func show(
        _ rows: JSON?, isJSON: Bool, none: String, _ line: (JSON) -> String
    ) throws(CLIFailure) {
        let rows = rows?.array ?? []
        for row in rows { try Output.line(isJSON ? row.text : line(row)) }
        if rows.isEmpty && !isJSON { Log.standardError("peer-agent: there are no \(none)") }
    }

    static func showRevoked(_ what: String, isJSON: Bool) throws(CLIFailure) {
        if isJSON { try Output.line(#"{"revoked":true}"#) }
        Log.standardError("peer-agent: \(what) is revoked")
    }
}
