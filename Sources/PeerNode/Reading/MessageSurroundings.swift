package import PeerState

/// What others did about a message: reactions, replies, pins, edits; and what it answers.
package struct MessageSurroundings: Hashable, Sendable {
    /// The message that one answers, in short.
    package struct Answered: Hashable, Sendable {
        package var author: String
        /// Empty for a tombstone, and without the key.
        package var text: String
        package var isDeleted: Bool
        package var isSealed = false
        /// As of a message of the same author.
        package var trust: String

        package init(author: String, text: String, isDeleted: Bool, trust: String) {
            self.author = author
            self.text = text
            self.isDeleted = isDeleted
            self.trust = trust
        }
    }

    /// In order of first use, at most `Limits.distinctEmoji`.
    package var reactions: [ReactionCount] = []
    package var isPinned = false
    package var answers: Answered?
    /// The first message of its conversation; `nil` while nobody replied.
    package var root: Event.ID?
    /// Messages of the conversation it begins, beside itself.
    package var replies = 0
    package var edits = 0
    package var editedAtMilliseconds: UInt64?
    /// Who deleted it.
    package var deletedBy: String?

    package init() {}
}
