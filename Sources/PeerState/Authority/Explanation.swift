/// Why one stored event has effect or has none: the rule and everything that decided, as data.
///
/// - Bounds: one element per grant of the proof chain, per removal of somebody it rests on, per
///   ballot and per branch; no text.
package struct Explanation: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case effective
        /// It was never allowed, and never will be.
        case inadmissible(Failure<RuleCode>)
        /// It was allowed, and lost its effect.
        case void(RuleCode)
        /// A branch of a fork that nothing rests on.
        case loose

        /// `nil` for an event with effect.
        package var code: RuleCode? {
            switch self {
            case .effective: nil
            case .inadmissible(let failure): failure.code
            case .void(let code): code
            case .loose: .forkedAuthor
            }
        }
    }

    /// One grant of the proof chain, the author's own first, the owner's or founder's last.
    package struct Proof: Hashable, Sendable {
        package let event: Event.ID
        /// `member.grant`, `join.admit`, `enact` or `owner.transfer`.
        package let kind: UInt64
        package let author: Peer.ID
        package let holder: Peer.ID
        /// What the holder is under it.
        package let level: Level
    }

    /// One removal or suspension of somebody whose events it rests on.
    package struct Removal: Hashable, Sendable {
        package let event: Event.ID
        package let author: Peer.ID
        package let target: Peer.ID
        /// The last event it accepts, as far as it was moved; `nil` = none.
        package let pin: Event.ID?
        package let isSuspension: Bool
        /// Whether it stands among the removals that void one another.
        package let isAccepted: Bool
        /// What it takes the effect of, among the event and what that rests on.
        package let victims: [Event.ID]
    }

    package struct Ballot: Hashable, Sendable {
        package let event: Event.ID
        package let voter: Peer.ID
        package let accepts: Bool
        package let isVoid: Bool
    }

    /// An event because of which another one that takes effect does not show.
    package struct Overruler: Hashable, Sendable {
        package let event: Event.ID
        package let kind: UInt64
        package let author: Peer.ID

        /// What came of the other one, where that has a word.
        package var code: RuleCode? {
            switch kind {
            case ChannelDeleted.kind: .channelDeleted
            case MessageDeleted.kind: .deleted
            default: nil
            }
        }
    }

    /// The proposal it opens, votes on or executes.
    package struct Vote: Hashable, Sendable {
        package let proposal: Event.ID
        package let electorate: [Peer.ID]
        package let needed: Int
        /// Of an enact those it lists, else those that count now.
        package let ballots: [Ballot]
    }

    /// The author's fork.
    package struct Fork: Hashable, Sendable {
        /// The lowest seq with two events.
        package let seq: UInt64
        /// The events of that seq, by id.
        package let branches: [Event.ID]
        /// What names the branch that counts.
        package let pins: [Event.ID]
    }

    package let event: Event.ID
    package let author: Peer.ID
    package let kind: UInt64
    package let outcome: Outcome
    /// The event that took its effect: a removal, revocation, revoked or exhausted link.
    package let decider: Event.ID?
    /// What lost its effect first, itself or something it rests on; `nil` unless void.
    package let subject: Event.ID?
    /// Of an event with effect: what says otherwise, or deleted what it speaks of.
    package let overruler: Overruler?
    package let proofs: [Proof]
    package let removals: [Removal]
    package let vote: Vote?
    package let fork: Fork?
}
