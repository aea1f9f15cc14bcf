import PeerNet
import PeerState

/// What each hostile kind does: to its own honest frames, and of its own accord.
extension Simulator {
    /// The frames that leave instead of one the sync core wanted to send.
    func rewrite(_ hostile: HostileNode, _ frame: [UInt8]) -> [[UInt8]] {
        switch hostile.kind {
        case .liar: return [lie(hostile, frame)]
        case .withholder: return [withhold(hostile, frame)]
        case .fuzzer:
            guard hostile.chance(12) else { return [frame] }
            coverage.note(.fuzzer)
            return [mutate(hostile, frame)]
        default: return [frame]
        }
    }

    private func decode(_ frame: [UInt8]) -> SyncMessage? {
        do { return try SyncMessage(decoding: frame) } catch { return nil }
    }

    private func lie(_ hostile: HostileNode, _ frame: [UInt8]) -> [UInt8] {
        guard let message = decode(frame) else { return frame }
        if case .stateTell(let server, var tell) = message {
            coverage.note(.liar)
            tell.stateHash = Sodium.blake2b(hostile.entropy.bytes(8))
            return SyncMessage.stateTell(server, tell).bytes
        }
        guard hostile.chance(3) else { return frame }
        coverage.note(.liar)
        switch message {
        case .hello(let server, var hello):
            hello.digest = Sodium.blake2b(hostile.entropy.bytes(8))
            hello.events = hostile.draw(1 << 40)
            hello.authors = hostile.draw(1 << 20)
            return SyncMessage.hello(server, hello).bytes
        case .headsDelta(let server, var delta):
            delta.entries = delta.entries.map { entry in
                var entry = entry
                entry.seq = min(Limits.maxSeq, entry.seq + hostile.draw(1_000))
                if hostile.chance(2) { entry.prefix = hostile.draw(.max) }
                return entry
            }
            return SyncMessage.headsDelta(server, delta).bytes
        case .headFull(let server, var heads):
            for place in heads.indices where hostile.chance(2) {
                heads[place].head.seq = 1 + hostile.draw(Limits.maxSeq)
            }
            return SyncMessage.headFull(server, heads).bytes
        case .preSync(let server, let id, _, _):
            return SyncMessage.preSync(
                server, id: id, events: hostile.draw(1 << 50), bytes: hostile.draw(1 << 50)
            ).bytes
        default: return frame
        }
    }

    private func withhold(_ hostile: HostileNode, _ frame: [UInt8]) -> [UInt8] {
        guard case .events(let server, let id, let envelopes, let isLast)? = decode(frame) else {
            return frame
        }
        coverage.note(.withholder)
        let authors = hostile.replicas[server]?.state.graph.authorIDs.sorted() ?? []
        if hostile.withheld == nil, !authors.isEmpty {
            hostile.withheld = authors[Int(hostile.draw(UInt64(authors.count)))]
        }
        var kept = envelopes.filter { bytes in
            do {
                let event = try Event(decoding: Envelope(decoding: bytes), for: server)
                return event.author != hostile.withheld
            } catch { return true }
        }
        if hostile.chance(3), !kept.isEmpty { kept.removeLast() }
        return SyncMessage.events(server, id: id, kept, isLast: isLast).bytes
    }

    private func mutate(_ hostile: HostileNode, _ frame: [UInt8]) -> [UInt8] {
        var bytes = frame
        for _ in 0...hostile.draw(3) where !bytes.isEmpty {
            let place = Int(hostile.draw(UInt64(bytes.count)))
            switch hostile.draw(4) {
            case 0: bytes[place] ^= UInt8(1 << hostile.draw(8))
            case 1: bytes[place] = UInt8(hostile.draw(256))
            case 2: bytes.removeLast(min(bytes.count - 1, Int(hostile.draw(8))))
            default: bytes.insert(UInt8(hostile.draw(256)), at: place)
            }
        }
        return bytes
    }

    // Of its own accord

    func attack(_ hostile: HostileNode) {
        guard let server = hostile.replicas.keys.min() ?? ledger.servers.first else { return }
        switch hostile.kind {
        case .flooder: flood(hostile, server)
        case .grinder: grind(hostile, server)
        case .equivocator: equivocate(hostile, server)
        case .backdater: backdate(hostile, server)
        case .puppetMaster: rulePuppets(hostile, server)
        case .replayer: replay(hostile, server)
        case .slowReader:
            if hostile.ticks == 40 { network.stall(hostile.index, true) }
            if hostile.ticks >= 40 { coverage.note(.slowReader) }
        case .stranger: askAll(hostile, server)
        case .exMember:
            if hostile.isRemoved { askAll(hostile, server) } else { behave(hostile, server) }
        case .garbage:
            for _ in 0..<2 {
                dial(hostile, Self.address(Int(hostile.draw(UInt64(plan.honest)))))
            }
        case .keySaboteur: sabotageKeys(hostile, server)
        case .ballotStuffer: stuffBallots(hostile, server)
        case .trespasser: trespass(hostile, server)
        case .liar, .withholder, .fuzzer:
            if hostile.chance(10) { publish(hostile, Acknowledged(), server) }
        }
    }

    /// Writes an event as an honest member would and hands it on.
    func publish(_ hostile: HostileNode, _ body: any EventBody, _ server: Server.ID) {
        let writer = Replica.Writer(
            key: hostile.key, wallMilliseconds: moment(hostile.index).wallMilliseconds)
        do {
            let stored = try hostile.replicas[server]?.author(body, by: writer) ?? []
            let events = stored.map { hostile.keep($0) }
            if !events.isEmpty { coverage.note(hostile.kind) }
            sync(hostile, .committed(server, events))
        } catch {
            // Not a member yet.
        }
    }

    private func flood(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.ticks < 70 else { return }
        for count in 0..<5 {
            let name = "flood \(hostile.ticks) \(count)"
            publish(hostile, ProfileUpdated(displayName: name), server)
        }
    }

    /// What an honest member would write now and then.
    func behave(_ hostile: HostileNode, _ server: Server.ID) {
        if hostile.chance(20) { publish(hostile, ProfileUpdated(displayName: "me"), server) }
    }

    /// A draft at the end of its own chain, or after an older own event, over the given parents.
    func draft(
        _ hostile: HostileNode, _ body: any EventBody, _ server: Server.ID,
        deps: [Event.ID] = [], wall: UInt64? = nil, after: Event.ID? = nil
    ) -> EventDraft? {
        guard let replica = hostile.replicas[server], let grant = hostile.grants[server] else {
            return nil
        }
        var place = replica.nextPlace(of: hostile.peer)
        if let after, let event = hostile.events[after] { place = (event.seq + 1, after) }
        // The first own event has to have the grant in its past.
        let deps = place.prev == nil && !deps.contains(grant) ? deps + [grant] : deps
        let edges = deps + body.edges + (place.prev.map { [$0] } ?? [])
        guard edges.allSatisfy({ replica.state.graph.contains($0) }) else { return nil }
        return EventDraft(
            server: server, author: hostile.peer, seq: place.seq, prev: place.prev,
            deps: deps.filter { $0 != place.prev }.sorted(), proof: grant,
            lamport: replica.state.graph.lamport(over: edges),
            wallMilliseconds: wall ?? moment(hostile.index).wallMilliseconds, body: body)
    }

    /// Signs a draft, takes it and hands it on.
    func spread(_ hostile: HostileNode, _ draft: EventDraft, _ server: Server.ID) {
        let envelope = draft.signed(with: hostile.key)
        coverage.note(hostile.kind)
        sync(hostile, .committed(server, hostile.take(envelope.bytes, server)))
        // Void events are not gossiped by the honest; it pushes its own all the same.
        push(hostile, envelope.bytes, server, to: hostile.peers.keys.sorted())
    }

    /// Gives an envelope to some links without asking its own sync core.
    func push(
        _ hostile: HostileNode, _ envelope: [UInt8], _ server: Server.ID, to links: [LinkID]
    ) {
        for link in links {
            send(hostile, SyncMessage.push(server, round: 0, envelope).bytes, on: link)
        }
    }

    private func grind(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.chance(8) else { return }
        let wall = moment(hostile.index).wallMilliseconds
        let tips = hostile.replicas[server]?.state.graph.tipIDs.sorted().prefix(8) ?? []
        let own = hostile.replicas[server]?.nextPlace(of: hostile.peer).prev
        var best: (id: Event.ID, draft: EventDraft)?
        for offset in 0..<24 {
            guard
                let draft = draft(
                    hostile, ProfileUpdated(displayName: "ground"), server,
                    deps: tips.filter { $0 != own }, wall: wall - UInt64(offset))
            else { return }
            let id = Envelope.id(of: draft.payload)
            if best.map({ id < $0.id }) ?? true { best = (id, draft) }
        }
        guard let envelope = best?.draft.signed(with: hostile.key) else { return }
        coverage.note(.grinder)
        sync(hostile, .committed(server, hostile.take(envelope.bytes, server)))
    }

    private func replay(_ hostile: HostileNode, _ server: Server.ID) {
        if hostile.foreign.isEmpty { makeForeign(hostile) }
        let links = hostile.peers.keys.sorted()
        guard !links.isEmpty else { return }
        let link = links[Int(hostile.draw(UInt64(links.count)))]
        coverage.note(.replayer)
        switch hostile.draw(5) {
        case 4: forge(hostile, server, link)
        case 0: push(hostile, hostile.foreign[Int(hostile.draw(2))], server, to: [link])
        case 3 where hostile.replicas.count > 1:
            // An event of one server as one of the other.
            let other = hostile.replicas.keys.sorted()[1]
            let ids = hostile.events.values.filter { $0.server == other }.map(\.id).sorted()
            guard !ids.isEmpty else { return }
            let id = ids[Int(hostile.draw(UInt64(ids.count)))]
            push(hostile, hostile.envelopes[id] ?? [], server, to: [link])
        case 1 where !hostile.recorded.isEmpty:
            let frame = hostile.recorded[Int(hostile.draw(UInt64(hostile.recorded.count)))]
            send(hostile, frame, on: link)
        case 2 where !hostile.recorded.isEmpty && hostile.chance(10):
            // Bytes of another session: the record does not open and ends this link alone.
            let bytes = hostile.recorded[Int(hostile.draw(UInt64(hostile.recorded.count)))]
            network.send(bytes, on: link)
        default:
            let known = hostile.envelopes.keys.sorted()
            guard !known.isEmpty else { return }
            let id = known[Int(hostile.draw(UInt64(known.count)))]
            push(hostile, hostile.envelopes[id] ?? [], server, to: [link])
        }
    }

    /// The next event of somebody else, under a signature of its own.
    private func forge(_ hostile: HostileNode, _ server: Server.ID, _ link: LinkID) {
        guard let replica = hostile.replicas[server] else { return }
        let others = replica.state.graph.authorIDs.filter { $0 != hostile.peer }.sorted()
        guard !others.isEmpty else { return }
        let author = others[Int(hostile.draw(UInt64(others.count)))]
        let place = replica.nextPlace(of: author)
        guard let prev = place.prev, let standing = replica.state.standing(of: author) else {
            return
        }
        let draft = EventDraft(
            server: server, author: author, seq: place.seq, prev: prev, deps: [],
            proof: standing.proof, lamport: replica.state.graph.lamport(over: [prev]),
            wallMilliseconds: moment(hostile.index).wallMilliseconds,
            body: ProfileUpdated(displayName: "forged"))
        push(hostile, draft.signed(with: hostile.key).bytes, server, to: [link])
    }

    private func makeForeign(_ hostile: HostileNode) {
        let writer = Replica.Writer(key: hostile.key, wallMilliseconds: 1_700_000_000_000)
        do {
            let body = ServerCreated(
                name: "elsewhere", isDirect: false, participants: [],
                nonce: hostile.entropy.bytes(16))
            var (replica, created) = try Replica.found(body, by: writer)
            let more = try replica.author(ChannelCreated(name: "there"), by: writer)
            hostile.foreign = ([created] + more).map(\.envelope.bytes)
        } catch {
            violate("I-16", "a server of its own cannot be founded: \(error)")
        }
    }

    private func askAll(_ hostile: HostileNode, _ server: Server.ID) {
        guard hostile.ticks % 10 == 0 else { return }
        let hello = SyncMessage.Hello(
            digest: Sodium.blake2b([]), authors: 0, events: 0, incarnation: hostile.incarnation,
            foldVersion: 1, confirmed: 0)
        for link in hostile.peers.keys.sorted() {
            coverage.note(hostile.kind)
            send(hostile, SyncMessage.hello(server, hello).bytes, on: link)
            let range = SeqRange(author: hostile.peer, from: 1, to: 1_000)
            send(
                hostile,
                SyncMessage.want(server, id: hostile.ticks, [range], credit: 1 << 20).bytes,
                on: link)
            send(
                hostile, SyncMessage.stateAsk(server, nonce: 7, wantSections: true).bytes, on: link)
        }
    }
}
