/// Why an ephemeral message was not taken; each is counted under its name.
///
/// None is answered: what is lost is said again soon, or was not worth it.
package enum EphemeralDrop: String, Error, CaseIterable, Sendable {
    /// The link brings more than one may.
    case linkRate
    /// Our own, come back.
    case own
    /// The author's clock is too far from ours.
    case clock
    case expired
    /// Already here.
    case duplicate
    /// Its counter is not above the author's last.
    case stale
    case unknownTopic
    /// Sealed where it must not be, or the other way round.
    case badShape
    case notMember
    case unknownEpoch
    case notReader
    case badSignature
    case authorRate
    /// It does not open with the key of its epoch.
    case undecryptable
    case badPayload
    /// What it says inside is about another channel than the one whose key it uses.
    case wrongChannel
    case voiceFull
    /// A signal by or for somebody who is not in that room.
    case notInVoice
    /// Too many signals of one peer wait for its offer.
    case signalsWaiting
    /// A piece of a text that came after a later one.
    case outOfOrder
    /// More than is remembered of its kind.
    case overBound
}
