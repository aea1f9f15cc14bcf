import PeerNet
import PeerNode
import PeerState

/// A last fork in a network that has settled: who learns of it tells everybody (I-19).
extension Simulator {
    private static let spreading = Milliseconds.seconds(5)
    /// Half of the shortest time between two rounds of anti-entropy, which would repair it, too.
    private static let telling = Milliseconds.seconds(7)
    /// How long one of the members is down meanwhile.
    private static let absence: UInt64 = 30_000
    /// Longest redial delay.
    private static let returning = Milliseconds.seconds(60)

    /// A hostile member gives one event to all and another with its number to one node. That one
    /// has no effect and is not gossiped, so the others learn of it by the proof alone.
    func judgeLastFork() {
        guard violations.isEmpty, seed.value % 4 == 1, let server = ledger.servers.first else {
            return
        }
        let all = nodes.filter { $0.core?.servers[server]?.isMember == true }
        let away = all.count > 3 ? all.last : nil
        let members = all.filter { $0 !== away }
        guard let node = members.first, members.count > 2,
            let hostile = lastForker(server), let state = node.core?.servers[server]?.state,
            state.standing(of: hostile.peer) != nil,
            let first = draft(hostile, ProfileUpdated(displayName: "first"), server),
            let second = draft(hostile, ChannelCreated(name: "second"), server)
        else { return }
        dial(hostile, node.address)
        run(until: now + Milliseconds.seconds(2))
        if let away { crash(away, after: Self.absence) }
        guard give(hostile, first, server), settled(members, server, first),
            give(hostile, second, server), settled([node], server, second)
        else { return }
        tally.forkTrials += 1
        run(until: now + Self.telling)
        for member in members {
            guard let slot = member.core?.servers[server], slot.isMember,
                slot.state.forks[hostile.peer] == nil
            else { continue }
            violate(
                "I-19", "node \(member.index) is not told of a fork that node \(node.index) knows")
        }
        if let away { judgeReturn(of: away, hostile, server, first) }
    }

    /// Who was down learns of the fork by its proof, then of one branch: it counts there as little
    /// as with the others, who have both.
    private func judgeReturn(
        of node: SimNode, _ hostile: HostileNode, _ server: Server.ID, _ branch: EventDraft
    ) {
        let end = now + Self.returning
        while violations.isEmpty, now < end, !isTold(node, of: hostile, server) {
            run(until: now + Milliseconds(500))
        }
        let id = Envelope.id(of: branch.payload)
        guard isTold(node, of: hostile, server),
            node.core?.servers[server]?.state.graph.contains(id) == false
        else { return }
        dial(hostile, node.address)
        run(until: now + Milliseconds.seconds(2))
        guard give(hostile, branch, server), settled([node], server, branch),
            let state = node.core?.servers[server]?.state
        else { return }
        reach(.proofFirst)
        if !state.looseIDs.contains(id) {
            violate("I-2", "node \(node.index) counts one branch of a fork it knows of")
        }
    }

    private func isTold(_ node: SimNode, of hostile: HostileNode, _ server: Server.ID) -> Bool {
        node.core?.servers[server]?.state.forks[hostile.peer] != nil
    }

    /// One that had no quarrel with anybody, so that its link stays up.
    private func lastForker(_ server: Server.ID) -> HostileNode? {
        let kinds: Set<ActorKind> = [
            .ballotStuffer, .grinder, .slowReader, .trespasser, .withholder,
        ]
        return hostiles.values.sorted { $0.index < $1.index }.first {
            kinds.contains($0.kind) && !ledger.forking.contains($0.peer)
                && $0.grants[server] != nil
        }
    }

    private func give(
        _ hostile: HostileNode, _ draft: EventDraft, _ server: Server.ID
    ) -> Bool {
        ledger.forking.insert(hostile.peer)
        guard let link = hostile.peers.keys.max() else { return false }
        push(hostile, draft.signed(with: hostile.key).bytes, server, to: [link])
        return true
    }

    /// Whether all of these hold what was given, some seconds later at the latest.
    private func settled(
        _ members: [SimNode], _ server: Server.ID, _ draft: EventDraft
    ) -> Bool {
        let id = Envelope.id(of: draft.payload)
        let end = now + Self.spreading
        repeat {
            run(until: now + Milliseconds(100))
            let holds = members.allSatisfy {
                $0.core?.servers[server]?.state.graph.contains(id) == true
            }
            if holds { return true }
        } while violations.isEmpty && now < end
        return false
    }
}
