import PeerNode
import PeerState

/// Making servers, choosing the current one, and being called something.
enum ServerTools {
    static let createServer = Tool(
        "create_server", "Create server",
        "Creates a server that this peer owns, with the channel general.",
        .init(
            scope: .full, toolsets: [.server], hints: [.openWorld], rate: .administrative),
        output: Tool.Field.mutation + [.init("name"), .init("channel")],
        .text("name", bytes: 1...100),
        .text("description", default: "", atMost: 1_000),
        .optionalThreshold
    ) { call, name, description, threshold in
        try NameRule.check(name, "name")
        let outcome = try await call.port.perform(
            .createServer(name: name, description: description, threshold: threshold))
        try await call.adoptServer(outcome)
        return Mutation.result(
            outcome, ["name": .string(Sanitiser.name(name, 100)), "channel": "general"])
    }

    static let switchServer = Tool(
        "switch_server", "Switch server",
        "Makes a server the one that is meant when none is named.",
        .init(
            scope: .messaging, toolsets: [.server], hints: [.idempotent], rate: .administrative),
        output: [.init("outcome"), .init("server_id"), .init("name")],
        .server("id", "Its id, a prefix of 16 digits or its name.")
    ) { call, address in
        let server = try await call.server(address)
        let isSame = await call.port.current(of: call.principal).server == server.id
        if !isSame {
            try await call.port.setCurrent(of: call.principal, server: server.id, channel: nil)
        }
        return ToolResult([
            "outcome": isSame ? "unchanged" : "applied", "server_id": .string(server.id.hex),
            "name": .string(Sanitiser.name(server.name, 100)),
        ])
    }

    static let setDisplayName = Tool(
        "set_display_name", "Set display name",
        "Sets the name that others see for this peer, in every server.",
        .init(
            scope: .admin, toolsets: [.server], hints: [.idempotent, .openWorld],
            rate: .administrative),
        output: Tool.Field.mutation + [.init("name")],
        .text("name", bytes: 1...64)
    ) { call, name in
        try NameRule.check(name, "name")
        let outcome = try await call.port.perform(.setDisplayName(server: nil, name: name))
        return Mutation.result(outcome, ["name": .string(Sanitiser.name(name))])
    }
}

extension ToolCall {
    /// Makes a new server the current one when there was none.
    func adoptServer(_ outcome: Outcome) async throws {
        guard let server = outcome.server else { return }
        let current = await port.current(of: principal).server
        let servers = await port.servers()
        guard current == nil || !servers.contains(where: { $0.id == current }) else { return }
        try await port.setCurrent(of: principal, server: server, channel: nil)
    }
}
