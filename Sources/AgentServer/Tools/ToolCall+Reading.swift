package import PeerNode
package import PeerState

extension ToolCall {
    /// The channels that messages of several servers stand in, to show their names.
    package func channels(of messages: [MessageSnapshot]) async throws -> [ChannelSnapshot] {
        var result: [ChannelSnapshot] = []
        for server in Set(messages.map(\.server)).sorted() {
            result += try await port.namedChannels(in: server)
        }
        return result
    }

    package func channelIDs(_ addresses: [ChannelAddress]?) async throws -> Set<Channel.ID>? {
        guard let addresses, !addresses.isEmpty else { return nil }
        var ids: Set<Channel.ID> = []
        for address in addresses { ids.insert(try await channel(address).id) }
        return ids
    }

    package func counts() async -> InboxSnapshot {
        await port.inbox(principal: principal, channels: nil, messagesPerChannel: 0)
    }
}
