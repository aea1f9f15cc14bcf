package import PeerState

/// What may be done with a server as a whole.
package enum ServerAct: Hashable, Sendable {
    case rename(String)
    case describe(String)
    /// - Parameter erases: whether the copy here goes, too, as soon as a peer knows.
    case leave(erases: Bool = false)
    /// Sets fields of the own profile by number; `null` clears one (PROTOCOL 4.8).
    case profile([UInt64: CBORValue])
}
