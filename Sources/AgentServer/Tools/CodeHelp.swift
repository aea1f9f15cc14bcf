import PeerState

/// What the words of refusals mean, and what to do about them.
enum CodeHelp {
    /// - Parameter word: of a tool or of a rule between peers; `nil` for anything else.
    static func sentence(for word: String) -> String? {
        if let rule = rules[word] { return rule }
        return ToolRefusal.sentence(for: word)
    }

    private static let rules: [String: String] = [
        "notMember": "The author was not a member in the state its event knew; it needs a grant.",
        "suspended": "The author's membership was paused; a moderator can end that.",
        "removed": "The author had been removed; only a new grant brings it back.",
        "noPermission": "The author lacked the permission or level that such an event needs.",
        "notSenior": "Only somebody strictly senior to the target may do that alone; a vote can.",
        "notOwner": "Only the owner may do that.",
        "alreadyMember": "The target was a member already.",
        "notHigher": "The target already had that level or a higher one.",
        "tooDeep": "The chain of grants is longer than allowed.",
        "badCut": "The last accepted event is not the target's, or rolling back needs an admin.",
        "attenuated": "The author's own grant does not allow that kind or channel.",
        "expired": "The author's grant had ended.",
        "lapsed": "Who granted the author had been silent for too long.",
        "overRate": "The author wrote more events a minute than its grant allows.",
        "overBudget": "The author wrote more bytes a day than its grant allows.",
        "notDelegated": "The author's grant does not let it grant further.",
        "forkedAuthor":
            "The author wrote two histories; confirm_branch by somebody senior settles it.",
        "ownerCannotLeave": "The owner hands the server over before leaving.",
        "badProof": "The event names a grant that does not make its author a member.",
        "badProposal": "The proposal does not fit the state it was made in.",
        "notElector": "The author had no vote: only owner and admins of that moment have one.",
        "closed": "The proposal was enacted, failed or had expired.",
        "withdrawn": "The proposal had been withdrawn.",
        "belowThreshold": "The ballots named do not reach the number needed.",
        "invalidThreshold": "No electorate of that size existed.",
        "alreadyEnacted": "The proposal had been carried out before.",
        "unknownLink": "No such join link was in force.",
        "linkDisabled": "The join link had been revoked.",
        "linkExpired": "The join link had expired.",
        "linkExhausted": "The join link had no uses left.",
        "wrongRecipient": "The invite was meant for another peer.",
        "malformedInvite": "The invite cannot be read.",
        "inviteExpired": "The invite had expired.",
        "badClaim": "The claim was not made with the link's secret.",
        "needsGrant": "That needs a membership by grant, not by join link.",
        "unknownTarget": "What the event names did not exist in the state it knew.",
        "wrongChannel": "The event names things of two channels, or text in a voice channel.",
        "channelDeleted": "The channel had been deleted.",
        "notReader": "The author could not read that channel.",
        "notAuthor": "Somebody else wrote what the event would change.",
        "deleted": "The message had been deleted.",
        "limit": "A limit of the server was reached.",
        "loopGuard": "Agents answered each other too often; a person has to speak first.",
        "pending": "It waits for a provider to admit this peer.",
        "ambiguousName": "Several things have that name; give an id.",
        "extraReader": "The key was sealed to somebody who may not read the channel.",
        "badBlob": "A piece of a file is not what the message says.",
        "blobUnavailable": "Nobody who is connected holds that file now.",
        "badBody": "The event's own parts contradict each other.",
        "locked": "Another process has this data directory open.",
        "storeFailed": "The node's storage failed; it needs its owner.",
        "unknownEpoch": "It was sealed under a key that was not in force.",
        "badCommit": "The key does not match what its maker committed to.",
        "undecryptable": "It does not open with the key it names.",
        "noPrekey": "The reader had published no key to seal to.",
        "voidedByRemoval":
            "It lies beyond the last event that a removal of its author accepts; "
            + "extend_removal can move that.",
        "voidedByRevoke":
            "A permission it needed was taken in a state it did not know of.",
        "voidedProof": "The grant or vote that its author acted under has no effect.",
        "overClaimed": "The join link was used more often than it allows.",
        "voidedFork": "It lies on the branch of a fork that does not count.",
        "voidedDelete": "What it speaks of was deleted.",
        "overLimit": "It came after a limit was reached, and waits unseen.",
        "recovering": "The node was restored and may not write until peers returned its events.",
    ]
}

extension ToolRefusal {
    /// The sentence for a code by its word in results, such as `unknown_channel`.
    static func sentence(for word: String) -> String? {
        ToolCode.allCases.first { $0.snakeWord == word && $0 != .internalError }.map { code in
            rule(for: code) ?? sentence(code)
        }
    }
}
