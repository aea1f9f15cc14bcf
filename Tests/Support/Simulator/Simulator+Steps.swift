import PeerNet
import PeerNode
import PeerState

/// What an act was for, until its outcome comes.
struct Asked {
    var kind: StepKind
    var node = 0
    var server: Server.ID?
    var channel: Channel.ID?
    var text: String?
    var target: Int?
    /// Who wants the same as the target.
    var rival: Int?
    var peer: Peer.ID?
    /// Own places before the act, which a refusal must leave as they were.
    var places: [Server.ID: UInt64] = [:]
    /// Channels that a removal has to close, with the epochs there were.
    var closable: [Channel.ID: Set<Epoch.ID>] = [:]
    /// Whether the core has not returned from the act yet.
    var isInside = true
    var step: UInt64 = 0
    /// Whether it only shows that one can still write, and whether for the last time.
    var isTrial = false
    var isLast = false
}

/// The acts of a plan on honest nodes.
extension Simulator {
    func perform(_ step: Plan.Step) {
        guard let node = honest(step.node), node.isUp else {
            tally.skipped += 1
            let needed: [StepKind] = [
                .invite, .found, .link, .narrowLink, .raiseActor, .kickActor,
            ]
            let isNeeded = needed.contains(step.kind)
            if isNeeded { schedule(.step(step), after: 2_000) }
            return
        }
        switch step.kind {
        case .found:
            act(
                node, .createServer(name: "server \(step.node)", description: ""),
                Asked(kind: .found))
        case .invite, .link: invite(node, step)
        case .narrowLink: offerLink(node, step)
        case .raiseActor, .kickActor: treatActor(node, step)
        case .spoil: node.spoilsCheckpoint = true
        case .addPeer:
            let address = Self.address(Int(step.a % UInt64(plan.nodeCount)))
            guard address != node.address else { return }
            act(node, .addPeer(address: address, identity: nil), Asked(kind: .addPeer))
        default: work(node, step)
        }
    }

    private func invite(_ node: SimNode, _ step: Plan.Step) {
        guard ledger.servers.indices.contains(Int(step.b)) else {
            return schedule(.step(step), after: 500)
        }
        let server = ledger.servers[Int(step.b)]
        let target = Int(step.a)
        guard let peer = honest(target)?.peer ?? hostiles[target]?.peer else { return }
        ledger.invited[server, default: []].insert(peer)
        if step.at >= PlanMaker.calm { ledger.unsure[server, default: []].insert(peer) }
        var asked = Asked(kind: step.kind)
        asked.target = target
        asked.server = server
        let expiry = moment(node.index).wallMilliseconds + 12 * 31_557_600_000
        act(
            node,
            step.kind == .link
                ? .link(.create(usesMax: 2, expiresAtMilliseconds: expiry), in: server)
                : .invite(server: server, recipient: peer, expiresAtMilliseconds: nil),
            asked)
    }

    /// Two come by a link that holds for one: neither is sure of its place.
    private func offerLink(_ node: SimNode, _ step: Plan.Step) {
        guard let server = ledger.servers.first, let first = honest(Int(step.a)),
            let second = honest(Int(step.b))
        else { return }
        ledger.invited[server, default: []].formUnion([first.peer, second.peer])
        ledger.lowered[server, default: []].formUnion([first.peer, second.peer])
        var asked = Asked(kind: .narrowLink)
        (asked.target, asked.rival, asked.server) = (first.index, second.index, server)
        let expiry = moment(node.index).wallMilliseconds + 12 * 31_557_600_000
        act(node, .link(.create(usesMax: 1, expiresAtMilliseconds: expiry), in: server), asked)
    }

    /// Acts inside a server: one the node is a member of, and a channel it knows.
    private func work(_ node: SimNode, _ step: Plan.Step) {
        let joined = ledger.servers.filter { node.core?.servers[$0]?.isMember == true }
        guard !joined.isEmpty else {
            tally.skipped += 1
            return
        }
        let server = joined[Int(step.a % UInt64(joined.count))]
        let known = node.core?.servers[server]?.state.holdingChannels.map(\.id).sorted() ?? []
        guard !known.isEmpty else {
            tally.skipped += 1
            return
        }
        let channel = known[Int(step.a >> 8) % known.count]
        var asked = Asked(kind: step.kind, server: server, channel: channel)
        asked.step = UInt64(step.id)
        switch step.kind {
        case .post, .reply, .longPost, .postTwice: post(node, step, asked)
        case .channel:
            act(
                node, .channel(.create(ChannelPlan(name: "room \(step.id)")), in: server), asked)
        case .name:
            let name = "name \(step.id)"
            ledger.names[node.peer, default: []].insert(name)
            act(node, .setDisplayName(server: step.b % 2 == 0 ? server : nil, name: name), asked)
        case .markRead:
            act(
                node,
                .markRead(
                    ReadMark(
                        "agent", server: server, channel: channel, announcedBy: step.b % 500)),
                asked)
        case .edit, .delete, .react, .unreact, .pin, .unpin: content(node, step, asked)
        case .profile, .typing: self.profile(node, step, asked)
        case .rename, .topic, .readers, .rotate, .dropChannel: manage(node, step, asked)
        case .forbidden: forbid(node, step, asked)
        default: rights(node, step, asked)
        }
    }

    static let marker = "SIMULATED-PLAINTEXT"

    private func post(_ node: SimNode, _ step: Plan.Step, _ given: Asked) {
        guard let server = given.server, let channel = given.channel else { return }
        var asked = given
        let length = step.kind == .longPost ? 9_000 : Int(step.b % 160)
        let text = "\(Self.marker) \(step.id) " + String(repeating: "x", count: length)
        asked.text = text
        var message = PostMessage(
            principal: "agent", server: server, channel: channel, text: text)
        if step.kind == .reply {
            message.parent = recent(node, server, channel, step.b)?.id
        }
        if step.kind == .postTwice { message.clientMessageID = "client \(step.id)" }
        act(node, .postMessage(message), asked)
        guard step.kind == .postTwice else { return }
        var again = asked
        again.kind = .postTwice
        act(node, .postMessage(message), again)
    }

    private func forbid(_ node: SimNode, _ step: Plan.Step, _ asked: Asked) {
        guard let server = asked.server, let channel = asked.channel else { return }
        let isOwner =
            ledger.founders[server] == node.peer
            || ledger.raised[server]?.contains(node.peer) == true
        let action: Action
        switch step.b % 5 {
        case 0 where !isOwner: action = .channel(.create(ChannelPlan(name: "no")), in: server)
        case 1 where !isOwner:
            let stranger = SigningKey(seed: [UInt8](repeating: UInt8(step.id % 251), count: 32))
            action = .invite(
                server: server, recipient: stranger.publicKey, expiresAtMilliseconds: nil)
        case 2:
            action = .postMessage(
                PostMessage(principal: "agent", server: server, channel: channel, text: ""))
        case 3: action = .acceptInvite(code: "pa1_damaged")
        default:
            let nowhere = Channel.ID(Sodium.blake2b([UInt8(step.id % 256)]))
            action = .postMessage(
                PostMessage(principal: "agent", server: server, channel: nowhere, text: "x"))
        }
        act(node, action, asked)
    }

    // Outcomes

    func act(_ node: SimNode, _ action: Action, _ asked: Asked) {
        // Duties that are due write for themselves; they must not be taken for the act.
        feed(node, .touch)
        guard node.isUp else { return }
        nextReply += 1
        let id = nextReply
        var asked = asked
        asked.node = node.index
        asked.places = ownPlaces(node)
        asked.closable = closable(node, asked)
        self.asked[id] = asked
        note(node.index, "\(asked.kind.rawValue) \(asked.step)", code: 10)
        feed(node, .perform(NodeCore.ReplyID(id), completed(node, action)))
        self.asked[id]?.isInside = false
    }

    private func completed(_ node: SimNode, _ action: Action) -> Action {
        guard case .postMessage(var post) = action else { return action }
        do {
            post.known = try NodeStorage.known(about: post, node.store)
        } catch {
            cannotRead(node, error)
        }
        return .postMessage(post)
    }

    func ownPlaces(_ node: SimNode) -> [Server.ID: UInt64] {
        (node.core?.servers ?? [:]).mapValues { $0.replica.nextPlace(of: node.peer).seq }
    }

    func answer(
        _ node: SimNode, _ id: NodeCore.ReplyID, _ result: Result<Outcome, NodeFailure>
    ) {
        guard let asked = asked.removeValue(forKey: id.number) else {
            return violate("I-22", "node \(node.index): an act was answered twice")
        }
        switch result {
        case .failure(let failure):
            tally.refused += 1
            refusals["\(asked.kind.rawValue) \(failure.word)", default: 0] += 1
            note(node.index, "\(asked.kind.rawValue) refused: \(failure.word)", code: 11)
            if asked.isTrial, failure.code == .noKey {
                muted.insert(node.index)
                if asked.isLast {
                    violate("I-12", "node \(node.index) can write no more: \(failure.word)")
                }
            }
            checkRefusal(node, asked, failure)
        case .success(let outcome):
            note(node.index, "\(asked.kind.rawValue) \(outcome.kind.rawValue)", code: 12)
            if asked.kind == .forbidden {
                violate("I-16", "node \(node.index): a forbidden act was applied")
            }
            acknowledge(node, asked, outcome)
        }
    }

    private func checkRefusal(_ node: SimNode, _ asked: Asked, _ failure: NodeFailure) {
        guard asked.isInside else { return }
        if ownPlaces(node) != asked.places {
            violate(
                "I-23",
                "node \(node.index): \(asked.kind.rawValue) was refused (\(failure.word)) and wrote"
            )
        }
    }

    private func acknowledge(_ node: SimNode, _ asked: Asked, _ outcome: Outcome) {
        if let event = outcome.event, let server = outcome.server, asked.kind != .invite {
            if !node.stored.contains(event) {
                violate("I-11", "node \(node.index): \(event.short) acknowledged, not durable")
            }
            node.acks.append(SimNode.Ack(event: event, server: server))
        }
        switch asked.kind {
        case .found:
            guard let server = outcome.server else { return }
            ledger.servers.append(server)
            ledger.founders[server] = node.peer
            ledger.invited[server, default: []].insert(node.peer)
        case .channel:
            guard let server = asked.server, let channel = outcome.channel else { return }
            ledger.channels[server, default: []].append(channel)
        case .kick, .suspend, .lower, .kickActor: noteLowering(node, asked, outcome)
        case .edit:
            guard let event = outcome.event, let text = asked.text else { return }
            ledger.plain[event] = text
        case .invite where asked.target == nil:
            outcome.server.map { _ = ledger.unsure[$0]?.remove(node.peer) }
        case .invite, .link, .readmit:
            guard let code = outcome.inviteCode, let target = asked.target else { return }
            var random = stream("join", target)
            schedule(.join(node: target, code: code), after: 20 + random.next() % 300)
        case .narrowLink:
            guard let code = outcome.inviteCode, let first = asked.target, let second = asked.rival
            else { return }
            for node in [first, second] { schedule(.join(node: node, code: code), after: 3_000) }
        case .post, .reply, .longPost, .postTwice:
            guard let event = outcome.event, let text = asked.text, let server = asked.server,
                let channel = asked.channel, !outcome.isDuplicate
            else { return }
            ledger.plain[event] = text
            if !asked.isTrial,
                ledger.texts.contains(where: { $0.text == text && $0.event != event })
            {
                violate("I-16", "node \(node.index): one message was written twice")
            }
            ledger.texts.append(
                Ledger.Text(
                    server: server, channel: channel, event: event, node: node.index, text: text))
        default: break
        }
    }
}
