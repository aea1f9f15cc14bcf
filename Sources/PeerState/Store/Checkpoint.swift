/// The head of a folded state kept on disk, so that a restart folds the tail alone.
///
/// - Source: PROTOCOL 6.3. It is local, never sent, and counts only as long as its hashes match.
package struct Checkpoint: Hashable, Sendable {
    package let server: Server.ID
    /// Of the program that folded; another version folds again.
    package let foldVersion: UInt64
    /// The digest of the set that was folded.
    package let frontier: Digest.Value
    /// The hash of the state that came out.
    package let state: Digest.Value
    package let atMilliseconds: UInt64

    package init(
        server: Server.ID, foldVersion: UInt64, frontier: Digest.Value, state: Digest.Value,
        atMilliseconds: UInt64
    ) {
        self.server = server
        self.foldVersion = foldVersion
        self.frontier = frontier
        self.state = state
        self.atMilliseconds = atMilliseconds
    }

    static func hash(ofPart bytes: [UInt8]) -> Digest.Value {
        Sodium.hash("peer-agent/local/checkpoint-part/1", bytes)
    }

    /// Over the head and the hashes of all parts, in order.
    func hash(parts: [Digest.Value]) -> Digest.Value {
        Sodium.hash(
            "peer-agent/local/checkpoint/1", server.bytes + foldVersion.bigEndianBytes,
            frontier.bytes + state.bytes, atMilliseconds.bigEndianBytes, parts.flatMap(\.bytes))
    }
}
