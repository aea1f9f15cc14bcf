/// Every tool, in the order in which lists show them (MCP 3.3 to 3.5).
package enum MCPToolCatalog {
    package static let tools: [Tool] = [
        WaitTool.waitForMessages,
        ReadingTools.inbox,
        ReadingTools.readChannel,
        ThreadTools.readThread,
        ReadingTools.getMessage,
        SearchTools.searchMessages,
        ReadingTools.markRead,
        MessageTools.sendMessage,
        MessageTools.sendReply,
        MessageActTools.edit,
        MessageActTools.delete,
        MessageActTools.react,
        MessageActTools.unreact,
        MessageActTools.pin,
        MessageActTools.unpin,
        LiveTools.sendTyping,
        DirectTools.openDirect,
        WhyTools.why,
        EventTools.listEvents,
        ChannelTools.createChannel,
        ChannelTools.createVoiceChannel,
        ChannelActTools.renameChannel,
        ChannelActTools.deleteChannel,
        ChannelActTools.setChannelTopic,
        ChannelAccessTools.setChannelAccess,
        ChannelAccessTools.reviveChannel,
        ChannelAccessTools.shareHistory,
        ChannelActTools.rotateKey,
        ChannelAccessTools.mute,
        ChannelTools.switchChannel,
        MemberTools.trustPeer,
        MemberTools.untrustPeer,
        MemberTools.kickMember,
        MemberTools.suspendPeer,
        BranchTools.extendRemoval,
        BranchTools.confirmBranch,
        MemberTools.transferOwnership,
        MemberTools.setThreshold,
        AgentTools.addAgent,
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
        WorkerTools.authorizeWorkers,
        ServerTools.setDisplayName,
        ServerActTools.setServerDisplayName,
        ProfileTools.setProfile,
        DirectTools.setContact,
        StateTools.verifyState,
        InviteTools.generateInvite,
        InviteTools.acceptInvite,
        JoinLinkTools.createJoinLink,
        JoinLinkTools.deleteJoinLink,
        VoiceTools.joinVoice,
        VoiceTools.leaveVoice,
        VoiceTools.toggleMute,
        VoiceTools.toggleDeafen,
        VoiceTools.sendSignal,
        LiveTools.setPresence,
        LiveTools.sendPartial,
        FileTools.share,
        FileTools.upload,
        FileTools.download,
        ConnectionTools.connectionInfo,
        ConnectionTools.addPeer,
        AuditTools.auditLog,
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: tools.map { ($0.name, $0) })

    /// The tool of that name, if this principal may see it.
    package static func tool(_ name: String, for access: Access) -> Tool? {
        byName[name].flatMap { access.admits($0) ? $0 : nil }
    }

    /// The least scope that has all of these tools.
    package static func scope(of names: Set<String>) -> Scope {
        names.compactMap { byName[$0]?.scope }.max() ?? .readOnly
    }

    /// The tool of that name, for work that the program itself does with it.
    static func named(_ name: String) -> Tool? { byName[name] }

    package static func tools(for access: Access) -> [Tool] {
        tools.filter(access.admits)
    }
}
