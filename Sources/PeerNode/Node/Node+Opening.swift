import PeerState

/// Where a node keeps its key and what it was told.
extension Node {
    /// Opens both in the data directory, or in memory for a node that leaves nothing behind.
    ///
    /// - Errors: `StoreFailure`.
    static func open(
        _ options: NodeOptions, in directory: DataDirectory, _ entropy: inout Entropy,
        _ locked: @Sendable () -> Void
    ) throws(StoreFailure) -> (key: SigningKey, store: Store) {
        guard options.isEphemeral else {
            let path = options.identity ?? directory.identity
            let key = try loadOrCreateIdentity(at: path, &entropy).key
            let store = try Store.open(
                directory, owner: key.publicKey, entropy: &entropy, locked: locked)
            return (key, store)
        }
        let (key, isNew) = try passingIdentity(options, &entropy)
        // A key that has signed before, and no memory of what: peers must hand it back first.
        let core = try StoreCore(
            verdict: isNew ? .fine : .missing, lockedIn: directory, entropy: &entropy)
        locked()
        return (key, Store(core))
    }

    private static func passingIdentity(
        _ options: NodeOptions, _ entropy: inout Entropy
    ) throws(StoreFailure) -> (key: SigningKey, isNew: Bool) {
        if let path = options.identity { return try loadOrCreateIdentity(at: path, &entropy) }
        var seed = entropy.bytes(SigningKey.seedByteCount)
        defer { Sodium.wipe(&seed) }
        return (SigningKey(seed: seed), true)
    }

    private static func loadOrCreateIdentity(
        at path: String, _ entropy: inout Entropy
    ) throws(StoreFailure) -> (key: SigningKey, isNew: Bool) {
        do throws(StoreFailure) {
            return (try Keystore.loadIdentity(at: path), false)
        } catch  where error.code == .keyMissing {
            return (try Keystore.createIdentity(at: path, entropy: &entropy), true)
        }
    }
}
