import PeerState

/// Counting of 5.7.
enum OracleVotes {
    /// The yes votes a proposal needs: fixed by the electorate frozen at it.
    static func needed(_ world: OracleWorld, proposal: Int) -> Int {
        let electorate = electors(world.viewBefore(proposal)).count
        let threshold = world.events[proposal].items(1)
        guard threshold.count == 2 else { return Int.max }
        switch threshold[0].number {
        case 0: return electorate / 2 + 1
        case 1: return electorate
        default: return min(Int(clamping: threshold[1].number ?? 0), electorate)
        }
    }

    /// Owner and admins who are active.
    static func electors(_ view: OracleView) -> [Peer.ID] {
        view.active.keys.filter { (view.level($0) ?? 0) >= 2 }.sorted()
    }

    static func digest(_ electors: [Peer.ID]) -> [UInt8] {
        Sodium.hash("peer-agent/electorate/1", electors.flatMap(\.bytes)).bytes
    }
}

/// Where a proposal stands in one view.
struct OracleProposal {
    /// 1 open, 2 enacted, 3 failed, 4 withdrawn, 5 expired.
    let status: UInt64
    let yes: Int
    let no: Int
}

extension OracleView {
    /// Per elector the ballot in force with the highest seq; the proposal is its author's yes.
    func ballots(_ proposal: Int) -> [Peer.ID: Int] {
        let electors = Set(OracleVotes.electors(world.viewBefore(proposal)))
        var result: [Peer.ID: Int] = [:]
        let cast = inForce(31).filter { event($0).event(0) == event(proposal).id }
        for ballot in [proposal] + cast where electors.contains(event(ballot).author) {
            let author = event(ballot).author
            guard let before = result[author] else {
                result[author] = ballot
                continue
            }
            let isLater =
                (event(ballot).seq, event(before).id) > (event(before).seq, event(ballot).id)
            if isLater { result[author] = ballot }
        }
        return result
    }

    func isYes(_ ballot: Int) -> Bool { event(ballot).kind == 30 || event(ballot).item(1).isTrue }

    /// Whether more than its life has passed between a proposal and `lamport`.
    func isExpired(_ proposal: Int, at lamport: UInt64) -> Bool {
        lamport > event(proposal).lamport + event(proposal).number(3)
    }

    /// - Parameter lamport: the largest of the set, for the question whether it expired.
    func standing(_ proposal: Int, lamport: UInt64) -> OracleProposal {
        let id = event(proposal).id
        let counted = ballots(proposal).values
        let yes = counted.filter(isYes).count
        let no = counted.count - yes
        let electorate = OracleVotes.electors(world.viewBefore(proposal)).count
        let needed = OracleVotes.needed(world, proposal: proposal)
        let status: UInt64 =
            if inForce(33).contains(where: { event($0).event(0) == id }) {
                2
            } else if inForce(32).contains(where: { event($0).event(0) == id }) {
                4
            } else if no > electorate - needed {
                3
            } else if isExpired(proposal, at: lamport) {
                5
            } else {
                1
            }
        return OracleProposal(status: status, yes: yes, no: no)
    }

    var largestLamport: UInt64 { ordered.map { event($0).lamport }.max() ?? 0 }
}
