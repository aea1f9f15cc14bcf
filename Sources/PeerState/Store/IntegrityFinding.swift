/// One thing that is wrong with a database, and what mends it.
package struct IntegrityFinding: Hashable, Sendable {
    package enum Repair: String, Hashable, Sendable {
        /// What follows from events is wrong; it is dropped and filled again.
        case rebuild
        /// An event itself is damaged: take it from peers again, or from a backup.
        case restore
    }

    package let repair: Repair
    /// What is wrong, and what to do about it. Never holds text of messages.
    package let detail: String

    package init(_ repair: Repair, _ detail: String) {
        self.repair = repair
        self.detail = detail
    }
}
