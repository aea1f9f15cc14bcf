/// The names of what an agent can notice; frozen words (MCP 6.2).
package enum NodeEventKind: String, Hashable, Sendable, CaseIterable {
    case messageReceived = "MessageReceived"
    case messageEdited = "MessageEdited"
    case messageDeleted = "MessageDeleted"
    case reactionAdded = "ReactionAdded"
    case reactionRemoved = "ReactionRemoved"
    case fileAnnounced = "FileAnnounced"
    case messagePinned = "MessagePinned"
    case messageUnpinned = "MessageUnpinned"

    case channelCreated = "ChannelCreated"
    case channelDeleted = "ChannelDeleted"
    case channelRenamed = "ChannelRenamed"
    case channelTopicChanged = "ChannelTopicChanged"
    case channelAccessChanged = "ChannelAccessChanged"
    case channelRevived = "ChannelRevived"
    case keyRotated = "KeyRotated"
    case keyFaulted = "KeyFaulted"

    case serverRenamed = "ServerRenamed"
    case serverDescriptionChanged = "ServerDescriptionChanged"
    case ownershipTransferred = "OwnershipTransferred"
    case thresholdChanged = "ThresholdChanged"
    case directOpened = "DirectOpened"

    case memberJoined = "MemberJoined"
    case memberLeft = "MemberLeft"
    case memberKicked = "MemberKicked"
    case memberSuspended = "MemberSuspended"
    case memberRestored = "MemberRestored"
    case peerTrusted = "PeerTrusted"
    case peerUntrusted = "PeerUntrusted"
    case profileUpdated = "ProfileUpdated"
    case removalExtended = "RemovalExtended"
    case branchConfirmed = "BranchConfirmed"

    case roleCreated = "RoleCreated"
    case roleDeleted = "RoleDeleted"
    case roleRenamed = "RoleRenamed"
    case rolePermissionChanged = "RolePermissionChanged"
    case roleAssigned = "RoleAssigned"
    case roleUnassigned = "RoleUnassigned"
    case permissionGranted = "PermissionGranted"
    case permissionRevoked = "PermissionRevoked"

    case proposalCreated = "ProposalCreated"
    case voteCast = "VoteCast"
    case proposalEnacted = "ProposalEnacted"
    case proposalFailed = "ProposalFailed"
    case proposalWithdrawn = "ProposalWithdrawn"
    case proposalExpired = "ProposalExpired"

    case eventVoided = "EventVoided"
    case eventRestored = "EventRestored"
    case forkDetected = "ForkDetected"

    // Without a number, and never told again.
    case peerConnected = "PeerConnected"
    case peerDisconnected = "PeerDisconnected"
    case listening = "Listening"
    case syncCompleted = "SyncCompleted"
    case historySynced = "HistorySynced"
    case queueChanged = "QueueChanged"
    case joinLinkResponse = "JoinLinkResponse"
    case joinLinkDenied = "JoinLinkDenied"
    case unreadChanged = "UnreadChanged"
    case scopeChanged = "ScopeChanged"
    case resync = "Resync"
    case stateHashMismatch = "StateHashMismatch"
    case typingStarted = "TypingStarted"
    case typingStopped = "TypingStopped"
    case presenceChanged = "PresenceChanged"
    case voiceJoined = "VoiceJoined"
    case voiceLeft = "VoiceLeft"
    case voiceStateChanged = "VoiceStateChanged"
    case voiceSignal = "VoiceSignal"
    case partialText = "PartialText"

    /// Whether it has a number in the feed and can be read again.
    package var isDurable: Bool {
        switch self {
        case .peerConnected, .peerDisconnected, .listening, .syncCompleted, .stateHashMismatch,
            .typingStarted, .typingStopped, .presenceChanged, .voiceJoined, .voiceLeft,
            .voiceStateChanged, .voiceSignal, .partialText, .historySynced, .queueChanged,
            .joinLinkResponse, .joinLinkDenied, .unreadChanged, .scopeChanged, .resync:
            false
        default: true
        }
    }
}
