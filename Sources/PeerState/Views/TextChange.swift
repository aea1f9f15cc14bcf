/// One change to what this node can read, stored in one transaction with the events behind it.
package enum TextChange: Hashable, Sendable {
    /// Shows a message. One that is shown keeps its arrival and takes the rest; a tombstone stays.
    case show(TextEntry)
    /// Shows author and time of a message whose key is not here; one that can be read stays.
    case showSealed(SealedEntry)
    /// Replaces the text of a message that is shown, or sealed; anything else is left as it is.
    case edit(TextEdit)
    /// Leaves a tombstone: text, mentions and index entries go.
    case remove(message: Event.ID, by: Event.ID)
    /// Forgets a message altogether, as if it had never been shown.
    case drop(Event.ID)
    /// Forgets every message of a channel.
    case dropChannel(Server.ID, Channel.ID)
}
