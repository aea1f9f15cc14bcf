package import PeerNode
import PeerState

extension ToolCall {
    /// The server that is meant when none is named.
    package func currentServer() async throws -> ServerSnapshot {
        let servers = await port.servers()
        let current = await port.current(of: principal).server
        if let current, let server = servers.first(where: { $0.id == current }) { return server }
        let groups = servers.filter { !$0.isDirect }
        if groups.count == 1, let only = groups.first { return only }
        guard !groups.isEmpty else {
            throw ToolRefusal(.unknownServer, Self.noServerYet)
        }
        throw Self.noCurrentServer(groups)
    }

    private static let noServerYet =
        "This node is in no server yet: accept_invite or create_server."

    private static func noCurrentServer(_ groups: [ServerSnapshot]) -> ToolRefusal {
        ToolRefusal(
            .unknownServer,
            "No current server: call switch_server, or write server/#name; \(choices(groups)).",
            facts: ["candidates": JSON(groups.prefix(Limits.serversNamed).map(\.id.hex))])
    }

    /// Names what there is to choose from.
    private static func choices(_ groups: [ServerSnapshot]) -> String {
        let shown = groups.prefix(Limits.serversNamed)
        return choices(
            shown.map { "\"\(Sanitiser.name($0.name))\" \($0.id.short)" }, of: groups.count)
    }

    private static func choices(_ names: [String], of count: Int) -> String {
        let rest = count > names.count ? ["\(count - names.count) more"] : []
        return "there are: " + (names + rest).joined(separator: ", ")
    }

    package func server(_ address: ServerAddress?) async throws -> ServerSnapshot {
        guard let address else { return try await currentServer() }
        return try match(address, in: await port.servers())
    }

    private func match(
        _ address: ServerAddress, in servers: [ServerSnapshot]
    ) throws -> ServerSnapshot {
        var matches = servers.filter { $0.name == address.text && !$0.isDirect }
        if matches.isEmpty, let digits = HexPrefix.digits(address.text) {
            matches = servers.filter { $0.id.hex.hasPrefix(digits) }
        }
        guard let match = matches.first else {
            let groups = servers.filter { !$0.isDirect }
            throw ToolRefusal(
                .unknownServer,
                groups.isEmpty
                    ? "\(address.field): \(Self.noServerYet)"
                    : "\(address.field): no such server; \(Self.choices(groups)).")
        }
        guard matches.count == 1 else {
            throw ToolRefusal(
                .ambiguousID, "\(address.field): several servers match; give the id.",
                facts: ["candidates": JSON(matches.map(\.id.hex))])
        }
        return match
    }

    /// The channel that is meant, by the grammar of MCP 3.1; the current one for `nil`.
    ///
    /// - Errors: `unknown_channel`, `ambiguous_channel`, `unknown_server`.
    package func channel(_ address: ChannelAddress?) async throws -> ChannelSnapshot {
        guard let address else { return try await currentChannel() }
        let here = try await serverOrNil()
        if let here {
            let channels = try await port.namedChannels(in: here.id)
            let bare = address.text.hasPrefix("#") ? String(address.text.dropFirst()) : nil
            for name in [address.text, bare].compactMap({ $0 }) {
                let matches = channels.filter { $0.name == name }
                if let match = try unique(matches, address) { return match }
            }
        }
        if let slash = address.text.firstIndex(of: "/") {
            let name = String(address.text[..<slash])
            let rest = String(address.text[address.text.index(after: slash)...])
            let server = try await server(ServerAddress(text: name, field: address.field))
            return try await channel(rest, in: server, address)
        }
        if let here { return try await channel(address.text, in: here, address) }
        if address.text.hasPrefix("@") { return try await directChannel(address.text, address) }
        if HexPrefix.digits(address.text) == nil { try await needServer(for: address) }
        return try await channelAnywhere(address)
    }

    private func serverOrNil() async throws -> ServerSnapshot? {
        do {
            return try await currentServer()
        } catch let refusal as ToolRefusal where refusal.failure.code == .unknownServer {
            return nil
        }
    }

    /// What is wrong with an address that names no server while none is the current one.
    private func needServer(for address: ChannelAddress) async throws {
        let groups = await port.servers().filter { !$0.isDirect }
        guard !groups.isEmpty else {
            throw ToolRefusal(.unknownChannel, "\(address.field): \(Self.noServerYet)")
        }
        var refusal = Self.noCurrentServer(groups)
        refusal.failure = Failure(
            .unknownChannel, "\(address.field): \(refusal.failure.detail)")
        throw refusal
    }

    private func currentChannel() async throws -> ChannelSnapshot {
        let current = await port.current(of: principal)
        if let server = current.server, let channel = current.channel,
            let found = try await port.namedChannels(in: server).first(where: { $0.id == channel })
        {
            return found
        }
        throw ToolRefusal(
            .unknownChannel, "No current channel: give channel, or call switch_channel.")
    }

    private func channel(
        _ text: String, in server: ServerSnapshot, _ address: ChannelAddress
    ) async throws -> ChannelSnapshot {
        if text.hasPrefix("@") {
            return try await directChannel(text, address)
        }
        let channels = try await port.namedChannels(in: server.id)
        let name = text.hasPrefix("#") ? String(text.dropFirst()) : text
        if let match = try unique(channels.filter { $0.name == name }, address) { return match }
        if let match = try unique(text, channels, address) { return match }
        return try await channelAnywhere(
            ChannelAddress(text: text, field: address.field), insteadOf: channels)
    }

    /// Looks for a channel by id in every server.
    ///
    /// - Parameter choices: those of the server that is meant.
    private func channelAnywhere(
        _ address: ChannelAddress, insteadOf choices: [ChannelSnapshot] = []
    ) async throws -> ChannelSnapshot {
        if HexPrefix.digits(address.text) != nil {
            var all: [ChannelSnapshot] = []
            for server in await port.servers() {
                all += try await port.namedChannels(in: server.id)
            }
            if let match = try unique(address.text, all, address) { return match }
        }
        let names = choices.prefix(Limits.channelsNamed).map(\.label)
        throw ToolRefusal(
            .unknownChannel,
            "\(address.field): no such channel here; "
                + (names.isEmpty
                    ? "inbox shows those there are."
                    : Self.choices(names, of: choices.count) + "."))
    }

    private func unique(
        _ text: String, _ channels: [ChannelSnapshot], _ address: ChannelAddress
    ) throws -> ChannelSnapshot? {
        guard let digits = HexPrefix.digits(text) else { return nil }
        return try unique(channels.filter { $0.id.hex.hasPrefix(digits) }, address)
    }

    private func unique(
        _ matches: [ChannelSnapshot], _ address: ChannelAddress
    ) throws -> ChannelSnapshot? {
        guard matches.count > 1 else { return matches.first }
        throw ToolRefusal(
            .ambiguousChannel, "\(address.field): several channels match; give the id.",
            facts: ["candidates": JSON(matches.map(\.id.hex).sorted())])
    }
}

extension Limits {
    /// Servers that a refusal offers.
    static let serversNamed = 8
    /// Channels that it offers.
    static let channelsNamed = 12
}
