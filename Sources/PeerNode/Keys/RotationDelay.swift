import PeerState

/// How long one of many waits before it renews a key that all of them see to be due.
///
/// The wait falls into one of as many slots as the number of members has bits; each slot is half
/// as likely as the one after it. Whatever their number, few are in the first slot that has
/// anybody, and the others hear of it before theirs.
enum RotationDelay {
    static func draw(members: Int, _ entropy: inout Entropy) -> Milliseconds {
        let slots = UInt64(max(1, Int.bitWidth - max(1, members).leadingZeroBitCount))
        let early = min(UInt64(entropy.next().trailingZeroBitCount), slots - 1)
        let width = Limits.rotateDelay.count / slots
        return Milliseconds((slots - 1 - early) * width + entropy.next(upperBound: width))
    }
}
