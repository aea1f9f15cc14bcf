package import PeerNode
package import PeerState

/// Ends a tool with an error result: one sentence, what to do, and facts to act on.
package struct ToolRefusal: Error, Sendable {
    package var failure: Failure<ToolCode>
    /// Members of `structuredContent.error` besides code and message.
    package var facts: JSONObject

    package init(_ code: ToolCode, _ message: String, facts: JSONObject = JSONObject()) {
        failure = Failure(code, message)
        self.facts = facts
    }

    /// - Parameter field: the argument that is wrong.
    package static func invalid(_ field: String, _ problem: String) -> ToolRefusal {
        ToolRefusal(.invalidArgument, "\(field): \(problem)")
    }

    /// Puts a refusal of the node into the words of tools.
    ///
    /// - Parameter permission: what the tool needs, named when that is what was missing.
    package init(_ failure: NodeFailure, permission: String?) {
        let rule = Self.rules[failure.code]
        let code = rule?.code ?? Self.local(failure.code)
        var facts = JSONObject()
        let named = RightName.needed(in: failure.detail)
        if code == .permissionDenied || (code == .notAuthor && !named.isEmpty) {
            let usual = failure.code == .notReader ? RightName.reader : permission
            let needed = named.isEmpty ? [usual].compactMap(\.self) : named
            if !needed.isEmpty { facts.append("needed", JSON(needed)) }
        }
        if rule != nil { facts.append("rule", .string(failure.code.word)) }
        if code == .rateLimited { facts.append("retry_after_ms", 1_000) }
        let detail = failure.detail.isEmpty ? "" : " (\(Sanitiser.name(failure.detail, 300)))"
        self.init(code, (rule?.text ?? Self.sentence(code)) + detail, facts: facts)
    }

    package var error: JSONObject {
        var error: JSONObject = [
            "code": .string(failure.code.snakeWord), "message": .string(failure.detail),
        ]
        for member in facts.members { error[member.key] = member.value }
        return error
    }
}

extension ToolRefusal {
    private static let quota = "The limits that came with this membership are reached."

    /// Refusals by the rules between peers; these also name the rule (MCP 3.2, second table).
    private static let rules: [NodeCode: (code: ToolCode, text: String)] = [
        .noPermission: (.permissionDenied, "This node lacks the permission in that server."),
        .notHigher: (.permissionDenied, "Only a higher level can be granted."),
        .notReader: (.permissionDenied, "This node may not read that channel."),
        .notSenior: (.permissionDenied, "That peer is not strictly junior to this node there."),
        .notElector: (.permissionDenied, "This node has no vote on that."),
        .badCut: (.permissionDenied, "That event cannot be the last accepted one."),
        .notAuthor: (.notAuthor, "Somebody else wrote that."),
        .suspended: (.suspended, "This node's membership of that server is suspended."),
        .overRate: (.quotaExceeded, quota), .overBudget: (.quotaExceeded, quota),
        .expired: (.quotaExceeded, "The time that came with this membership is over."),
        .lapsed: (.quotaExceeded, "Who granted this membership has been silent for too long."),
        .notOwner: (.permissionDenied, "Only the owner may do that there."),
        .attenuated: (.permissionDenied, "The grant of this membership does not allow that."),
        .tooDeep: (.permissionDenied, "The chain of grants would be longer than allowed."),
        .notDelegated: (.permissionDenied, "The grant of this membership lets nobody else in."),
        .forkedAuthor: (
            .permissionDenied, "This node wrote two histories; somebody senior confirms one."
        ),
        .loopGuard: (.loopGuard, "Agents answered each other too often; wait for a person."),
        .deleted: (.conflict, "That was deleted."),
        .closed: (.proposalClosed, "That proposal is not open any more."),
        .ownerCannotLeave: (.conflict, "The owner hands the server over before leaving."),
        .invalidThreshold: (.invalidArgument, "No electorate of that size exists here."),
        .notMember: (.notMember, "This node is not a member of that server; get an invite."),
        .alreadyMember: (.conflict, "That peer is already a member."),
        .limit: (.conflict, "A limit of the server is reached; remove something first."),
        .wrongChannel: (.conflict, "That belongs to another channel, or to a voice channel."),
        .wrongRecipient: (
            .conflict, "The invite is meant for another peer; ask for one for this peer id."
        ),
        .malformedInvite: (.unknownInvite, "The invite cannot be read; copy it whole."),
        .inviteExpired: (.expired, "The invite has expired; ask for a new one."),
        .linkExpired: (.expired, "The join link has expired; ask for a new one."),
        .linkExhausted: (.usedUp, "The join link is used up; ask for a new one."),
        .linkDisabled: (.unknownInvite, "The join link does not work any more."),
        .badClaim: (.unknownInvite, "The join link is not genuine."),
        .needsGrant: (.permissionDenied, "Who was removed returns by a direct invite only."),
        .badText: (.invalidArgument, "The text holds characters that are not allowed."),
        .tooLarge: (.tooLarge, "That is too large; shorten or split it."),
        .noKey: (.noKey, "The channel key is not here yet; it comes when a reader connects."),
        .ruleRefused: (.conflict, "A rule of the server refuses this."),
        .recovering: (.unavailable, "The node is still recovering; try again in a moment."),
        .storeFailed: (.unavailable, "The node's storage failed; it needs its owner."),
    ]

    private static func local(_ code: NodeCode) -> ToolCode {
        switch code {
        case .unknownServer: .unknownServer
        case .unknownChannel: .unknownChannel
        case .unknownMessage: .unknownMessage
        case .unknownPeer: .unknownPeer
        case .unknownRole: .unknownRole
        case .unknownProposal: .unknownProposal
        case .unknownLink: .unknownInvite
        case .unknownFile: .unknownFile
        case .uploadExpired: .expired
        case .badBlob: .conflict
        case .ambiguousID: .ambiguousID
        case .ambiguousName: .ambiguousChannel
        case .badCursor: .badCursor
        case .invalidArgument, .badText: .invalidArgument
        case .noPermission, .notHigher, .notReader, .notSenior, .notElector, .badCut, .notOwner,
            .attenuated, .tooDeep, .notDelegated, .forkedAuthor:
            .permissionDenied
        case .notMember: .notMember
        case .suspended: .suspended
        case .notAuthor: .notAuthor
        case .overRate, .overBudget, .expired, .lapsed: .quotaExceeded
        case .loopGuard: .loopGuard
        case .closed: .proposalClosed
        case .invalidThreshold: .invalidArgument
        case .alreadyMember, .limit, .wrongChannel, .wrongRecipient, .conflict, .ruleRefused,
            .deleted, .ownerCannotLeave, .blocked:
            .conflict
        case .malformedInvite, .linkDisabled, .badClaim: .unknownInvite
        case .needsGrant: .permissionDenied
        case .inviteExpired, .linkExpired: .expired
        case .linkExhausted: .usedUp
        case .tooLarge: .tooLarge
        case .nameTaken: .nameTaken
        case .noKey: .noKey
        case .stale: .stale
        case .recovering, .storeFailed, .diskFull, .shuttingDown, .listenFailed: .unavailable
        case .timeout: .timeout
        case .offline: .offline
        case .tooManyWaiters, .tooManyUploads, .tooOften: .rateLimited
        case .notInVoice: .notInVoice
        case .internalError: .internalError
        }
    }

    /// What is said of a code that only rules between peers lead to.
    static func rule(for code: ToolCode) -> String? {
        rules.sorted { $0.key.rawValue < $1.key.rawValue }.first { $0.value.code == code }?
            .value.text
    }

    static func sentence(_ code: ToolCode) -> String {
        switch code {
        case .unknownServer: "No such server here; see the resource peer://servers."
        case .unknownChannel: "No such channel here; see the resource peer://server/channels."
        case .unknownMessage: "No such message here."
        case .unknownPeer: "No such peer here; see the resource peer://server/members."
        case .ambiguousID: "Several ids begin like that; give more digits."
        case .ambiguousChannel: "Several channels have that name; give the id."
        case .unknownRole: "No such role here; see the resource peer://server/roles."
        case .unknownProposal: "No such proposal here; see list_proposals."
        case .unknownInvite: "No such join link here; see peer://server/join-links."
        case .unknownFile: "No such file here; file ids stand in messages."
        case .badCursor: "That cursor is not from this node; start again with inbox."
        case .invalidArgument: "An argument is not acceptable."
        case .conflict: "That contradicts what is already there."
        case .notInVoice: "You are in no such voice room; call join_voice first."
        case .nameTaken: "That name is taken; choose another."
        case .stale: "Others posted since; read what you missed and decide again."
        case .timeout: "No answer in time; try again."
        case .offline: "Nobody could be reached; try again when connected."
        case .rateLimited: "Too much at once; wait before trying again."
        default: "The node cannot do this now; try again later."
        }
    }
}
