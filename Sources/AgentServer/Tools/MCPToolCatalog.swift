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
        MessageActTools.edit,
        MessageActTools.delete,
        MessageActTools.react,
        MessageActTools.unreact,
        MessageActTools.pin,
        MessageActTools.unpin,
        DirectTools.openDirect,
        ChannelTools.createChannel,
        ChannelActTools.createVoiceChannel,
        ChannelActTools.renameChannel,
        ChannelActTools.deleteChannel,
        ChannelActTools.setChannelTopic,
        ChannelActTools.rotateKey,
        ChannelTools.switchChannel,
        MemberTools.trustPeer,
        MemberTools.untrustPeer,
        MemberTools.kickMember,
        MemberTools.suspendPeer,
        MemberTools.transferOwnership,
        MemberTools.setThreshold,
        RoleTools.createRole,
        RoleTools.deleteRole,
        RoleTools.renameRole,
        RoleTools.setPermission,
        RoleTools.assignRole,
        RoleTools.unassignRole,
        RoleTools.grantPermission,
        RoleTools.revokePermission,
        VoteTools.listProposals,
        VoteTools.vote,
        VoteTools.withdrawProposal,
        ServerTools.createServer,
        ServerTools.switchServer,
        ServerActTools.leaveServer,
        ServerActTools.renameServer,
        ServerActTools.setServerDescription,
        ServerTools.setDisplayName,
        ServerActTools.setServerDisplayName,
        DirectTools.setContact,
        InviteTools.generateInvite,
        InviteTools.acceptInvite,
        JoinLinkTools.createJoinLink,
        JoinLinkTools.deleteJoinLink,
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
