import PeerNet
import PeerState

/// A message written under a client's own id.
struct SentKey: Hashable, Sendable {
    let principal: String
    let channel: Channel.ID
    let clientMessageID: String
}

struct SentMessage: Sendable {
    let textHash: Digest.Value
    let event: Event.ID
    let atMilliseconds: UInt64
    /// `nil` after a restart; then the store knows.
    var channelSeq: UInt64?
}

struct MarkKey: Hashable, Sendable {
    let principal: String
    let channel: Channel.ID
}

extension NodeCore {
    mutating func perform(_ reply: ReplyID, _ action: Action) {
        do {
            switch action {
            case .createServer(let name, let description, let threshold):
                try createServer(reply, name: name, description: description, threshold)
            case .postMessage(let post): try postMessage(reply, post)
            case .setDisplayName(let server, let name): try setName(reply, server, name)
            case .invite(let server, let recipient, let expiry, let role):
                try invite(reply, server, recipient, expiry, role)
            case .acceptInvite(let code): try acceptInvite(reply, code)
            case .markRead(let mark): try markRead(reply, mark)
            case .addPeer(let address, let identity): try addPeer(reply, address, identity)
            case .authorizeWorker(let worker, let server):
                succeed(reply, try authorizeWorker(worker, server))
            case .content(let act, let message, let server, let principal):
                succeed(reply, try perform(act, on: message, in: server, principal))
            case .channel(let act, let server): succeed(reply, try perform(act, in: server))
            case .server(let act, let server): succeed(reply, try perform(act, in: server))
            case .rights(let act, let server, let isRehearsal):
                let outcome = try perform(act, in: server, isRehearsal: isRehearsal)
                succeed(reply, outcome, isShared: !isRehearsal)
            case .vote(let act, let server): succeed(reply, try perform(act, in: server))
            case .link(let act, let server): succeed(reply, try perform(act, in: server))
            case .live(let act): succeed(reply, try perform(act), isShared: false)
            case .openDirect(let peers): try openDirect(reply, peers)
            case .setContact(let peer, let note): try setContact(reply, peer, note)
            }
        } catch {
            out.append(.reply(reply, .failure(error)))
        }
    }

    func hosted(_ server: Server.ID) throws(NodeFailure) -> HostedServer {
        guard let slot = servers[server], slot.state.isFounded, erasures[server] == nil else {
            throw NodeFailure(.unknownServer, "no server \(server) is known here")
        }
        return slot
    }

    /// Refuses to write while a restored copy may lack own events (PROTOCOL 5.8, F6).
    func checkMayWrite(_ server: Server.ID?) throws(NodeFailure) {
        if let failure = server.flatMap({ servers[$0]?.exclusion }) { throw failure }
        if recovery.blocks(server) {
            throw NodeFailure(
                .recovering,
                "this data directory is older than what it wrote, or was moved; nothing is written "
                    + "until peers have handed back what is missing")
        }
    }

    /// Writes one body into a server; the result is in force and in the current batch.
    @discardableResult
    mutating func write(
        _ body: any EventBody, in server: Server.ID, principal: String? = nil
    ) throws(NodeFailure) -> Event {
        try checkMayWrite(server)
        let stored: [Replica.Stored]
        let writer = writer(in: server)
        do {
            stored = try servers[server]?.replica.author(body, by: writer) ?? []
        } catch {
            throw NodeFailure(rule: error)
        }
        accept(stored, in: server, from: nil, principal: principal)
        guard let last = stored.last else {
            throw NodeFailure(.unknownServer, "no server \(server) is known here")
        }
        return last.event
    }

    func outcome(_ kind: Outcome.Kind, _ event: Event?, _ server: Server.ID) -> Outcome {
        var outcome = Outcome(kind, server: server)
        outcome.event = event?.id
        outcome.seq = event?.seq
        return outcome
    }

    mutating func succeed(_ reply: ReplyID, _ outcome: Outcome, isShared: Bool = true) {
        guard reply != Self.noReply else { return }
        current.replies.append(Inflight.Reply(id: reply, outcome: outcome, isShared: isShared))
    }

    func checkText(_ text: String, _ rule: TextRule, max: Int, _ field: String) throws(NodeFailure)
    {
        guard text.utf8.count <= max else {
            throw NodeFailure(
                .tooLarge, "\(field) has \(text.utf8.count) bytes; \(max) are allowed")
        }
        do { try rule.check(text, field) } catch { throw NodeFailure(.badText, error.detail) }
    }

    // Servers and channels

    private mutating func createServer(
        _ reply: ReplyID, name: String, description: String, _ threshold: Threshold
    ) throws(NodeFailure) {
        try checkMayWrite(nil)
        if case .count(let count) = threshold, count > 1 {
            throw NodeFailure(
                .invalidThreshold,
                "a new server has one who may vote; set count:\(count) with set_threshold when it "
                    + "has as many admins")
        }
        try checkText(name, .name, max: 100, "name")
        try checkText(description, .multiline, max: 1_000, "description")
        let body = ServerCreated(
            name: name, isDirect: false, participants: [], nonce: entropy.bytes(16))
        let replica: Replica
        let created: Replica.Stored
        do { (replica, created) = try Replica.found(body, by: writer) } catch {
            throw NodeFailure(rule: error)
        }
        let server = replica.id
        servers[server] = HostedServer(founded: replica, me: me)
        recovery.noteFounded(server)
        accept([created], in: server, from: nil)
        if !description.isEmpty {
            try write(ServerDescribed(description: description), in: server)
        }
        try write(ProfileUpdated(displayName: displayName), in: server)
        try publishPrekey(in: server)
        let channel = try write(ChannelCreated(name: "general"), in: server)
        try rotate(Channel.ID(channel.id), in: server)
        if threshold != .majority {
            _ = try perform(.setThreshold(threshold, reason: ""), in: server)
        }
        syncHandle(.serverAdded(server))
        var outcome = outcome(.applied, created.event, server)
        outcome.channel = Channel.ID(channel.id)
        outcome.name = name
        succeed(reply, outcome)
    }

    /// In one server or in all, on a copy: one that refuses leaves nothing behind in the others.
    private mutating func setName(
        _ reply: ReplyID, _ server: Server.ID?, _ name: String
    ) throws(NodeFailure) {
        try checkText(name, .name, max: 64, "name")
        var trial = self
        let outcome = try trial.write(name: name, in: server)
        self = trial
        succeed(reply, outcome)
    }

    private mutating func write(
        name: String, in server: Server.ID?
    ) throws(NodeFailure) -> Outcome {
        var event: Event?
        let isNew = server == nil && displayName != name
        let targets: [Server.ID]
        if let server {
            _ = try hosted(server)
            targets = [server]
        } else {
            targets = servers.keys.sorted().filter { servers[$0]?.isMember == true }
            displayName = name
            current.batch.settings.append(Setting(name: "name", value: Array(name.utf8)))
        }
        for target in targets where servers[target]?.state.displayName(of: me) != name {
            event = try write(ProfileUpdated(displayName: name), in: target)
            change(.members(target))
        }
        change(.identity)
        var outcome = Outcome(event == nil && !isNew ? .unchanged : .applied, server: server)
        outcome.event = event?.id
        outcome.seq = event?.seq
        outcome.name = name
        return outcome
    }

    // Reading marks and peers

    private mutating func markRead(_ reply: ReplyID, _ mark: ReadMark) throws(NodeFailure) {
        guard try hosted(mark.server).state.channel(mark.channel) != nil else {
            throw NodeFailure(.unknownChannel, "no such channel in this server")
        }
        var outcome = Outcome(.unchanged, server: mark.server)
        if raise(mark) { outcome.kind = .applied }
        outcome.channel = mark.channel
        succeed(reply, outcome, isShared: false)
    }

    /// Returns whether the mark goes further than the one before.
    mutating func raise(_ mark: ReadMark) -> Bool {
        let key = MarkKey(principal: mark.principal, channel: mark.channel)
        let old = marks[key] ?? ReadMark.Place()
        let place = old.raised(to: mark, now: feed)
        guard place != old else { return false }
        marks[key] = place
        current.batch.marks.append(
            MarkRow(
                principal: mark.principal, server: mark.server, channel: mark.channel,
                position: place.position, order: place.order))
        change(.unread(mark.server))
        return true
    }

    private mutating func addPeer(
        _ reply: ReplyID, _ address: String, _ identity: Peer.ID?
    ) throws(NodeFailure) {
        guard Address(address) != nil else {
            throw NodeFailure(.invalidArgument, "address: expected host:port or [v6]:port")
        }
        guard identity != me else {
            throw NodeFailure(.invalidArgument, "peer_id: that is this node itself")
        }
        dialling.add(address, identity: identity, isFixed: true)
        current.batch.settings.append(Setting(name: "dial/\(address)", value: []))
        // An address without a key stands for whoever answered there.
        let known = identity ?? dialling.identity(of: address)
        let isLinked = known.map { peer in links.values.contains { $0.peer == peer } } ?? false
        var outcome = Outcome(isLinked ? .applied : .queued)
        if !isLinked { outcome.waitingFor = "peer" }
        outcome.name = address
        succeed(reply, outcome, isShared: false)
    }
}

extension Failure where Code == NodeCode {
    /// What a rule between peers refused, in the node's words; the rule's code leads the detail.
    init(rule failure: Failure<RuleCode>) {
        let code: NodeCode =
            switch failure.code {
            case .notMember, .removed: .notMember
            case .suspended: .suspended
            case .notSenior: .notSenior
            case .notElector: .notElector
            case .notAuthor: .notAuthor
            case .deleted: .deleted
            case .closed, .withdrawn: .closed
            case .ownerCannotLeave: .ownerCannotLeave
            case .invalidThreshold: .invalidThreshold
            case .badCut: .badCut
            case .alreadyMember: .alreadyMember
            case .overRate: .overRate
            case .overBudget: .overBudget
            case .expired: .expired
            case .lapsed: .lapsed
            case .noPermission: .noPermission
            case .notOwner: .notOwner
            case .attenuated: .attenuated
            case .tooDeep: .tooDeep
            case .notDelegated: .notDelegated
            case .needsGrant: .needsGrant
            case .forkedAuthor: .forkedAuthor
            case .notHigher: .notHigher
            case .notReader: .notReader
            case .limit: .limit
            case .loopGuard: .loopGuard
            case .wrongChannel: .wrongChannel
            case .unknownTarget, .channelDeleted: .unknownChannel
            case .unknownEpoch, .noPrekey, .undecryptable: .noKey
            case .badBody: .invalidArgument
            default: .ruleRefused
            }
        self.init(code, failure.description)
    }
}
