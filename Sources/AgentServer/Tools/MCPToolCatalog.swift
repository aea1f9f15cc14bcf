/// Every tool, in the order in which lists show them (MCP 3.3 to 3.5).
package enum MCPToolCatalog {
    package static let tools: [Tool] = [
        WaitTool.waitForMessages,
        ReadingTools.inbox,
        ReadingTools.readChannel,
        ReadingTools.getMessage,
        ReadingTools.markRead,
        MessageTools.sendMessage,
        MessageTools.sendReply,
        ChannelTools.createChannel,
        ChannelTools.switchChannel,
        ServerTools.createServer,
        ServerTools.switchServer,
        ServerTools.setDisplayName,
        InviteTools.generateInvite,
        InviteTools.acceptInvite,
        ConnectionTools.connectionInfo,
        ConnectionTools.addPeer,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: tools.map { ($0.name, $0) })

    /// The tool of that name, if this principal may see it.
    package static func tool(_ name: String, for access: Access) -> Tool? {
        byName[name].flatMap { access.admits($0) ? $0 : nil }
    }

    package static func tools(for access: Access) -> [Tool] {
        tools.filter(access.admits)
    }
}
