import PeerState

extension OracleRules {
    func joinRefusal() -> String? {
        switch event.kind {
        case 40:
            return world.isDirect || lacks(OracleView.createInvite) ? "noPermission" : nil
        case 41:
            guard let issue = view.thing(event.event(0), kind: 40) else { return "unknownTarget" }
            return world.events[issue].author == author || level >= 1 ? nil : "noPermission"
        default: return admissionRefusal()
        }
    }

    private func admissionRefusal() -> String? {
        guard let issue = view.thing(event.event(0), kind: 40), let target = event.peer(1) else {
            return "unknownLink"
        }
        let link = world.events[issue]
        if level < 1 && lacks(OracleView.syncProvider) { return "noPermission" }
        if view.isRevoked(link.id) { return "linkDisabled" }
        if !isClaimed(link, by: target) { return "badClaim" }
        if let recipient = link.peer(5), recipient != target { return "wrongRecipient" }
        if let expiry = link.item(2).number, world.wallPlus[number] > expiry {
            return "linkExpired"
        }
        if view.uses(link.id) >= Int(clamping: link.number(1)) { return "linkExhausted" }
        if isActive(target) { return "alreadyMember" }
        if view.accepted.contains(where: { world.target($0) == target }) { return "needsGrant" }
        if world.depth(number) > world.limits.delegationDepth { return "tooDeep" }
        return memberLimit(target)
    }

    private func isClaimed(_ link: OracleEvent, by target: Peer.ID) -> Bool {
        guard let key = link.peer(0), let blob = event.item(2).blob,
            let signature = Signature(blob)
        else { return false }
        let message =
            Array("peer-agent/claim/1".utf8) + world.server.bytes + link.id.bytes + target.bytes
        return signature.isValid(for: message, by: key)
    }
}
