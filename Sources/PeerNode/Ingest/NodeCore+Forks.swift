import PeerNet
import PeerState

/// Authors who wrote two events under one number: shown to everybody, and fetched whole.
///
/// - Source: PROTOCOL 5.8, F1. Where both events are in the store like any other, the proof is
///   read from there; else it is kept as it came.
extension NodeCore {
    /// Tells everybody of the forks which the last batch brought to light.
    mutating func showForks(in server: Server.ID) {
        guard let slot = servers[server], !slot.forks.isEmpty else { return }
        for (author, fork) in slot.forks.sorted(by: { $0.key < $1.key })
        where slot.shownForks[author].map({ fork.from < $0 }) ?? true {
            servers[server]?.shownForks[author] = fork.from
            log.log(.warning, "peer \(author) wrote two events with number \(fork.from)")
            announceFork(of: author, in: server)
        }
        for point in slot.forkPoints where !slot.provenPoints.contains(point) {
            servers[server]?.provenPoints.insert(point)
            prove(point, in: server, to: nil)
        }
    }

    /// Tells one peer of the forks known here, some at a time, as it has other events or knows of
    /// other forks: who was not linked when they were found does not hear of them otherwise.
    mutating func tellForks(of server: Server.ID, to link: LinkID) {
        guard let points = servers[server]?.forkPoints, !points.isEmpty else { return }
        let told = links[link]?.forksTold[server]
        if let told, now.monotonic < told.at + Limits.forksToldAgain { return }
        let next = (told?.count ?? 0) % points.count
        let turn = (points[next...] + points[..<next]).prefix(Limits.forksToldAtOnce)
        links[link]?.forksTold[server] = (now.monotonic, next + turn.count)
        for point in turn { prove(point, in: server, to: link) }
    }

    /// Sends a proof that is kept, or reads it from the store first.
    private mutating func prove(_ point: ForkPoint, in server: Server.ID, to link: LinkID?) {
        if let proof = servers[server]?.forkProofs[point] {
            return syncHandle(.forkProof(server, proof.first, proof.second, to: link))
        }
        forkReadCount += 1
        // The sync core counts its own up from 1.
        let id = SyncCore.ReadID(UInt64.max - forkReadCount)
        forkReads[id] = ForkRead(server: server, point: point, link: link)
        out.append(
            .read(
                SyncCore.ReadRequest(
                    id: id, server: server,
                    ranges: [SeqRange(author: point.author, from: point.seq, to: point.seq)],
                    maxBytes: Limits.twinsRead * Limits.maxEnvelope, maxCount: Limits.twinsRead)))
    }

    /// Which fork a read of the store is about.
    struct ForkRead: Sendable {
        let server: Server.ID
        let point: ForkPoint
        /// Whom to tell; `nil` for everybody.
        let link: LinkID?
    }

    /// Whether a page answers such a read; its two events then go out.
    ///
    /// State knows both before the store does: where one is missing, the next batch is waited for.
    mutating func takeForkPage(_ id: SyncCore.ReadID, _ page: SyncCore.Page) -> Bool {
        guard let read = forkReads.removeValue(forKey: id) else { return false }
        guard let proof = proof(of: read.point, in: read.server, among: page.envelopes) else {
            if read.link == nil { servers[read.server]?.provenPoints.remove(read.point) }
            return true
        }
        syncHandle(.forkProof(read.server, proof.first, proof.second, to: read.link))
        return true
    }

    private func proof(
        of point: ForkPoint, in server: Server.ID, among envelopes: [[UInt8]]
    ) -> ForkProof? {
        for (index, first) in envelopes.enumerated() {
            for second in envelopes[(index + 1)...] {
                let proof = ForkProof(first: first, second: second)
                do {
                    if try proof.point(in: server) == point { return proof }
                } catch {
                    log.log(.error, "a stored event of \(point.author) cannot be read: \(error)")
                }
            }
        }
        return nil
    }

    /// A proof from a peer: both events are inserted, which is what finds the fork. Where one of
    /// them cannot be, the fork counts all the same, and the proof is kept.
    mutating func receiveProof(
        _ first: [UInt8], _ second: [UInt8], of server: Server.ID, from link: LinkID
    ) {
        let proof = ForkProof(first: first, second: second)
        do {
            guard let point = try proof.point(in: server) else {
                return syncHandle(.invalid(link))
            }
            // Said again, it costs no signature check.
            guard servers[server]?.state.knows(point) == false else { return }
            _ = try Replica.examine(try Envelope(decoding: first), for: server)
            _ = try Replica.examine(try Envelope(decoding: second), for: server)
            deliver([first, second], to: server, from: link, wantID: nil)
            learn(point, from: proof, in: server)
        } catch {
            syncHandle(.invalid(link))
        }
    }

    private mutating func learn(_ point: ForkPoint, from proof: ForkProof, in server: Server.ID) {
        guard !pause.isOn, servers[server]?.replica.learn(point) == true else { return }
        let kept = Set(servers[server]?.state.provenForks ?? [])
        let displaced = servers[server]?.forkProofs.keys.filter { !kept.contains($0) } ?? []
        for point in displaced { forget(point, in: server) }
        servers[server]?.forkProofs[point] = proof
        current.batch.settings.append(
            Setting(name: ForkProof.setting(point, in: server), value: proof.encoded))
        servers[server]?.needsDutyCheck = true
        servers[server]?.noteForks()
        accept([], in: server, from: nil)
        change(.server(server))
        // Heads of which branches count may be others now.
        syncHandle(.committed(server, []))
        showForks(in: server)
    }

    mutating func forgetProofs(of server: Server.ID) {
        for point in servers[server]?.forkProofs.keys.map({ $0 }) ?? [] {
            forget(point, in: server)
        }
    }

    private mutating func forget(_ point: ForkPoint, in server: Server.ID) {
        servers[server]?.forkProofs[point] = nil
        current.batch.settings.append(
            Setting(name: ForkProof.setting(point, in: server), value: nil))
    }

    /// Asks for what lies before an event whose `prev` no head shows: a branch that is not ours.
    mutating func fetchBranch(of event: Event, in server: Server.ID, from link: LinkID) {
        guard event.seq > 1, let own = servers[server]?.committedHeads[event.author]?.seq,
            event.seq <= own + 1
        else { return }
        let from = event.seq > Limits.branchFetch ? event.seq - Limits.branchFetch : 1
        let range = SeqRange(author: event.author, from: from, to: event.seq - 1)
        syncHandle(.fetch(server, range, from: link))
    }
}

extension Limits {
    /// How often one peer is told of the forks of a server while it differs.
    static let forksToldAgain = Milliseconds.seconds(60)
    /// Of how many at once.
    static let forksToldAtOnce = 16
    /// How many events with one number are read to find two that follow the same.
    static let twinsRead = 16
}
