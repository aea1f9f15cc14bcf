import PeerNode
import PeerState

/// Changing a server as a whole, and leaving it.
enum ServerActTools {
    private static func traits(_ permission: String?) -> Tool.Traits {
        .init(
            scope: .admin, toolsets: [.server], hints: [.idempotent, .openWorld],
            rate: .administrative, permission: permission)
    }

    static let leaveServer = Tool(
        "leave_server", "Leave server",
        "Ends this peer's membership; coming back takes a new invite. erase deletes the copy.",
        .init(
            scope: .full, toolsets: [.server], hints: [.destructive, .idempotent, .openWorld],
            rate: .administrative),
        output: Tool.Field.mutation + [.init("data")],
        .server("id"), .flag("erase", default: false), .confirm
    ) { call, address, erase, confirm in
        if let pending = try await call.pendingServer(address) {
            let outcome = try await call.port.perform(.server(.leave(), in: pending))
            return Mutation.result(outcome, ["data": "erased"])
        }
        let server = try await call.server(address)
        try call.needConsent(
            confirm,
            "This peer would leave server \"\(Sanitiser.name(server.name))\" "
                + "(\(server.id.hex)) and could come back only by a new invite."
                + (erase ? " Its messages, files and keys here would be deleted for good." : ""))
        let outcome = try await call.port.perform(
            .server(.leave(erases: erase), in: server.id))
        // Somebody has to hear of it first.
        let isErased = erase && outcome.kind != .queued
        return Mutation.result(outcome, ["data": isErased ? "erased" : "kept"])
    }

    static let renameServer = Tool(
        "rename_server", "Rename server", "Gives the server another name.",
        traits("admin"), output: Tool.Field.mutation + [.init("name")],
        .text("name", bytes: 1...100), .optionalServer
    ) { call, name, address in
        try NameRule.check(name, "name")
        let server = try await call.server(address)
        let outcome = try await call.port.perform(.server(.rename(name), in: server.id))
        return Mutation.result(outcome, ["name": .string(Sanitiser.name(name, 100))])
    }

    static let setServerDescription = Tool(
        "set_server_description", "Describe server", "Says what the server is about.",
        traits("admin"), output: Tool.Field.mutation + [.init("description")],
        .text("description", bytes: 0...1_000), .optionalServer
    ) { call, text, address in
        let server = try await call.server(address)
        let outcome = try await call.port.perform(.server(.describe(text), in: server.id))
        return Mutation.result(
            outcome, ["description": .string(Sanitiser.name(text, 1_000))])
    }

    static let setServerDisplayName = Tool(
        "set_server_display_name", "Set name in server",
        "Sets the name that others see for this peer in one server.",
        traits(nil), output: Tool.Field.mutation + [.init("name")],
        .text("name", bytes: 1...64), .optionalServer
    ) { call, name, address in
        try NameRule.check(name, "name")
        let server = try await call.server(address)
        let outcome = try await call.port.perform(
            .setDisplayName(server: server.id, name: name))
        return Mutation.result(outcome, ["name": .string(Sanitiser.name(name))])
    }
}
