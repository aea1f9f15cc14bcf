/// What may be done with a message that is there.
package enum ContentAct: Hashable, Sendable {
    /// Replaces the text of an own message.
    case edit(text: String)
    case delete(reason: String)
    case react(emoji: String)
    /// Takes back an own reaction.
    case unreact(emoji: String)
    case pin
    case unpin
}
