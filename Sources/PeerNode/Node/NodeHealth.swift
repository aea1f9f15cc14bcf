/// What a probe of a running node may be told.
package struct NodeHealth: Hashable, Sendable {
    /// The database answered a question just now.
    package var isStoreAlive: Bool
    /// Own events may be missing, so that nothing is written (PROTOCOL 5.8, F6).
    package var isRecovering: Bool
    /// Why writes are refused for now: `diskFull`, `storeFailed`.
    package var writeRefusal: NodeCode?

    package init(
        isStoreAlive: Bool = true, isRecovering: Bool = false, writeRefusal: NodeCode? = nil
    ) {
        self.isStoreAlive = isStoreAlive
        self.isRecovering = isRecovering
        self.writeRefusal = writeRefusal
    }
}
