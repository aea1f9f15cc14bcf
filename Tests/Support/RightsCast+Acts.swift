import PeerState

/// The rows of the matrix: what each actor tries, by the words of the table.
extension RightsCast {
    package mutating func act(_ row: String, by actor: String) throws -> RightsAct {
        if row == "81 key.rotate" {
            var copy = server
            return try copy.rotation("owner", hall.channel)
        }
        guard
            let act = memberAct(row, actor) ?? roleAct(row, actor) ?? voteAct(row)
                ?? channelAct(row) ?? contentAct(row, actor)
        else { throw Failure(RuleCode.unknownTarget, row) }
        return act
    }

    private func memberAct(_ row: String, _ actor: String) -> RightsAct? {
        let soon = Attenuation(expiryMilliseconds: 1_800_000_000_000)
        switch row {
        case "1 ack": return .ack
        case "2 server.rename": return .rename("New")
        case "3 server.describe": return .describe("New")
        case "4 owner.transfer": return .transfer("victim")
        case "10 grant newcomer": return .grant("newcomer", .member)
        case "10 grant agent": return .grant("newcomer", .member, soon)
        case "10 grant endless agent": return .grant("newcomer", .member, Attenuation(kinds: [60]))
        case "10 raise to moderator": return .grant("victim", .moderator)
        case "10 raise to admin": return .grant("victim", .admin)
        case "10 grant again": return .grant("victim", .member)
        case "10 grant oneself": return .grant(actor, .admin)
        case "10 grant the owner": return .grant("owner", .admin)
        case "11 remove junior": return .remove("victim", server.cut("victim"))
        case "11 roll back junior":
            return .remove("victim", server.cut(thing("message victim")))
        case "11 remove agent of another": return .remove("agent", .null)
        case "11 remove own agent":
            let name = "agent of \(actor)"
            return .remove(server.isMember(name) ? name : "agent", .null)
        case "11 remove the owner": return .remove("owner", server.cut("owner"))
        case "11 remove oneself": return .remove(actor, server.cut(actor))
        case "11 remove stranger": return .remove("newcomer", .null)
        case "12 suspend junior": return .suspend("victim", server.cut("victim"))
        case "13 leave": return .leave
        case "14 extend":
            let late = thing("late")
            return .extend(thing("removal"), to: late, seq: server.state.seq(of: late) ?? 0)
        case "15 confirm":
            let branch = thing("branch")
            return .confirm("double", branch, seq: server.state.seq(of: branch) ?? 0)
        default: return nil
        }
    }

    private func roleAct(_ row: String, _ actor: String) -> RightsAct? {
        switch row {
        case "20 permit CreateInvite": return .permit("victim", 4)
        case "20 permit ManageRoles": return .permit("victim", 2)
        case "21 revoke SendMessages": return .revoke("victim", 3, server.cut("victim"))
        case "21 revoke ManageRoles": return .revoke("victim", 2, server.cut("victim"))
        case "21 revoke of admin": return .revoke("admin", 4, server.cut("admin"))
        case "21 revoke own": return .revoke(actor, 4, .null)
        case "22 role without bits": return .role("plain", [])
        case "22 role with CreateInvite": return .role("inviters", .createInvite)
        case "22 role with ManageRoles": return .role("leads", .manageRoles)
        case "23 delete role": return .deleteRole(thing("writers"))
        case "23 delete lead role": return .deleteRole(thing("lead"))
        case "24 give CreateInvite": return .setRole(thing("badge"), 4, true)
        case "24 take SendMessages": return .setRole(thing("writers"), 3, false)
        case "24 give ManageRoles": return .setRole(thing("badge"), 2, true)
        case "24 take ManageRoles": return .setRole(thing("lead"), 2, false)
        case "25 assign badge": return .assign("double", thing("badge"))
        case "25 assign writers": return .assign("double", thing("writers"))
        case "25 assign lead": return .assign("double", thing("lead"))
        case "26 unassign badge": return .unassign("victim", thing("badge"), server.cut("victim"))
        case "26 unassign lead": return .unassign("victim", thing("lead"), server.cut("victim"))
        case "27 rename role": return .renameRole(thing("badge"), "token")
        default: return nil
        }
    }

    private func voteAct(_ row: String) -> RightsAct? {
        switch row {
        case "30 propose": return server.proposal(.remove(RightsServer.peer("victim")))
        case "31 ballot": return .ballot(thing("proposal"))
        case "32 withdraw": return .withdraw(thing("proposal"))
        case "33 enact": return .enact(thing("ready"), [thing("ready"), thing("yes")])
        case "33 enact too early": return .enact(thing("proposal"), [thing("proposal")])
        case "40 issue": return .issue("other", uses: 1)
        case "41 revoke link": return .revokeLink(thing("link"))
        case "42 admit": return .admit("newcomer", by: thing("link"), "link", in: server.id)
        case "42 admit member": return .admit("victim", by: thing("link"), "link", in: server.id)
        default: return nil
        }
    }

    private func channelAct(_ row: String) -> RightsAct? {
        switch row {
        case "50 create": return .channel("new")
        case "50 create for keepers": return .channel("new", readers: [thing("keepers")])
        case "51 delete": return .deleteChannel(hall)
        case "52 rename": return .renameChannel(hall, "new")
        case "53 topic": return .topic(hall, "new")
        case "54 access": return .access(hall, [thing("keepers")])
        case "54 access of vault": return .access(vault, nil)
        case "55 revive": return .revive(hall)
        case "82 key.share": return .share(hall, with: "victim", epochs: [hall.epoch])
        case "82 key.share of vault": return .share(vault, with: "victim", epochs: [vault.epoch])
        case "83 key.fault": return .fault(hall)
        default: return nil
        }
    }

    private func contentAct(_ row: String, _ actor: String) -> RightsAct? {
        switch row {
        case "60 post": return .post(hall, "new")
        case "60 post to vault": return .post(vault, "new")
        case "61 edit own": return .edit(own("message", of: actor), hall, "new")
        case "61 edit of another": return .edit(thing("message victim"), hall, "new")
        case "62 delete own": return .delete(own("message", of: actor))
        case "62 delete of member": return .delete(thing("message victim"))
        case "62 delete of owner": return .delete(thing("message owner"))
        case "63 react": return .react(thing("message victim"), hall, "new")
        case "64 unreact own": return .unreact(own("reaction", of: actor))
        case "64 unreact of another": return .unreact(thing("reaction victim"))
        case "65 pin": return .pin(thing("message victim"))
        case "66 unpin": return .unpin(thing("message owner"))
        case "70 profile": return .profile("New")
        case "80 prekey": return .prekey(200)
        default: return nil
        }
    }
}
