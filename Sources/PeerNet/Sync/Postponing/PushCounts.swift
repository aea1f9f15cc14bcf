/// What became of pushed events that were not taken, and of the Wants for them.
package struct PushCounts: Hashable, Sendable {
    /// Over the quota of their author; asked for later.
    package internal(set) var overAuthor: UInt64 = 0
    /// Over the quota of the peer that pushed them; what they leave open shows at the next one.
    package internal(set) var overPeer: UInt64 = 0
    /// Of a postponed author, after a gap; asked for later.
    package internal(set) var postponed: UInt64 = 0
    /// Wants that asked for events of postponed authors.
    package internal(set) var laterWants: UInt64 = 0
    /// Times that something was to be asked for and the peer bears no more Wants for now.
    package internal(set) var heldWants: UInt64 = 0
}
