import PeerNode
import PeerState

/// The explanation of one event, in words and as a chain of what decided.
struct EventReason: Sendable {
    let found: EventExplanation

    private var reason: Explanation { found.explanation }

    var result: ToolResult {
        WhyTools.answer(
            sentence, verdict: verdict, rule: code?.word, chain: chain)
    }

    private var code: RuleCode? { reason.outcome.code ?? reason.overruler?.code }

    private var verdict: String {
        switch reason.outcome {
        case .effective: reason.overruler == nil ? "effective" : "overruled"
        case .inadmissible: "inadmissible"
        case .void: "void"
        case .loose: "loose"
        }
    }

    private func name(_ peer: Peer.ID) -> String {
        "@\(Sanitiser.name(found.names[peer] ?? peer.short))"
    }

    private var sentence: String {
        let what = "\(KindName.of(reason.kind)) \(reason.event.short) by \(name(reason.author))"
        var text: String
        switch reason.outcome {
        case .effective:
            text = "\(what) takes effect"
            text +=
                reason.overruler.map { overruler in
                    ", but \(KindName.of(overruler.kind)) \(overruler.event.short) by "
                        + "\(name(overruler.author)) overrules it."
                } ?? "."
        case .inadmissible(let failure):
            text = "\(what) was never allowed"
            text += failure.detail.isEmpty ? "." : ": \(Sanitiser.name(failure.detail, 200))."
        case .void: text = "\(what) was allowed and lost its effect."
        case .loose: text = "\(what) is a branch of a fork that nothing rests on."
        }
        if let code, let meaning = CodeHelp.sentence(for: code.word) {
            text += " \(meaning)"
        }
        if let decider = reason.decider { text += " Decided by \(decider.short)." }
        if let subject = reason.subject, subject != reason.event {
            text += " It rests on \(subject.short), which fell first."
        }
        return text + extras
    }

    private var extras: String {
        var text = ""
        if let root = found.root {
            let answers = root.depth == 1 ? "answers" : "is answer \(root.depth) in a chain from"
            text += " It \(answers) \(root.event.short) by \(name(root.author))."
        }
        if let vote = reason.vote {
            let yes = vote.ballots.count { $0.accepts && !$0.isVoid }
            let no = vote.ballots.count { !$0.accepts && !$0.isVoid }
            text += " Votes: \(yes) of \(vote.needed) needed, \(no) against,"
            text += " \(vote.electorate.count) electors."
        }
        if let fork = reason.fork {
            text += " Its author wrote two events with number \(fork.seq)."
        }
        if let first = reason.proofs.first {
            text += " Its author acted as \(first.level.word) by \(name(first.author))'s grant."
        }
        return text
    }

    private var chain: [JSON] {
        (found.root.map { [entry($0.event, found.kinds[$0.event], $0.author, "cause")] } ?? [])
            + (reason.overruler.map { [entry($0.event, $0.kind, $0.author, "overrules it")] } ?? [])
            + reason.proofs.map { proof in
                entry(
                    proof.event, proof.kind, proof.author,
                    "makes \(name(proof.holder)) \(proof.level.word)")
            }
            + reason.removals.map { removal in
                entry(removal.event, found.kinds[removal.event], removal.author, effect(removal))
            }
            + (reason.vote?.ballots ?? []).map { ballot in
                let says = ballot.accepts ? "yes" : "no"
                return entry(
                    ballot.event, found.kinds[ballot.event], ballot.voter,
                    ballot.isVoid ? "\(says), void" : says)
            }
            + (reason.fork?.branches ?? []).map { branch in
                let isKept = reason.fork?.pins.contains(branch) ?? false
                return entry(
                    branch, nil, reason.author, isKept ? "kept branch" : "branch of a fork")
            }
    }

    private func effect(_ removal: Explanation.Removal) -> String {
        let act = removal.isSuspension ? "suspends" : "removes"
        var text = "\(act) \(name(removal.target))"
        text += removal.pin.map { ", accepts up to \($0.short)" } ?? ", accepts nothing"
        if !removal.isAccepted { text += "; itself without effect" }
        if !removal.victims.isEmpty { text += "; voids \(removal.victims.count) of these" }
        return text
    }

    private func entry(
        _ event: Event.ID, _ kind: UInt64?, _ author: Peer.ID, _ effect: String
    ) -> JSON {
        [
            "event_id": .string(event.hex),
            "kind": .string(kind.map { KindName.of($0) } ?? "event"),
            "author": .string(author.hex), "effect": .string(effect),
        ]
    }
}
