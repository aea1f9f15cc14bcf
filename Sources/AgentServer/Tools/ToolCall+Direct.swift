import PeerNode
import PeerState

extension ToolCall {
    /// The conversation that `@name`, `@id` or the whole title of one means.
    ///
    /// - Errors: `unknown_channel`, `ambiguous_channel`.
    func directChannel(_ text: String, _ address: ChannelAddress) async throws -> ChannelSnapshot {
        var matches: [ChannelSnapshot] = []
        let digits = HexPrefix.digits(String(text.dropFirst()))
        for server in await port.servers() where server.isDirect {
            guard let channel = try await port.namedChannels(in: server.id).first else { continue }
            if server.name == text {
                matches.append(channel)
            } else if let digits {
                let others = try await port.members(in: server.id).filter { $0.id != port.peerID }
                if others.count == 1, others[0].id.hex.hasPrefix(digits) {
                    matches.append(channel)
                }
            }
        }
        guard let match = matches.first else {
            throw ToolRefusal(
                .unknownChannel,
                "\(address.field): there is no conversation with \(Sanitiser.name(text)); "
                    + "open_direct opens one.")
        }
        guard matches.count == 1 else {
            throw ToolRefusal(
                .ambiguousChannel, "\(address.field): several conversations match; give the id.",
                facts: ["candidates": JSON(matches.map(\.id.hex).sorted())])
        }
        return match
    }
}

extension ChannelSnapshot {
    /// As lines name it: `#general`, or the people of a conversation.
    var label: String {
        let name = Sanitiser.name(name, isDirect ? 100 : Limits.shownName)
        return isDirect ? name : "#" + name
    }
}

extension ToolCall {
    /// A server this node still waits to get into, by its whole id.
    func pendingServer(_ address: ServerAddress) async throws -> Server.ID? {
        guard let id = Server.ID(hex: address.text),
            await !port.servers().contains(where: { $0.id == id })
        else { return nil }
        return id
    }
}
