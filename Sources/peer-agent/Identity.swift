import PeerState

/// The key file of a data directory, for commands that need no node.
enum Identity {
    /// - Errors: `alreadyExists`: a key is never replaced.
    static func create(at path: String) throws -> SigningKey {
        let directory = try DataDirectory(preparing: path)
        guard !Paths.exists(directory.identity) else {
            throw StoreFailure(
                .alreadyExists,
                "\(directory.identity) is there already; --print-peer-id shows whose it is")
        }
        var entropy = Entropy.system
        return try Keystore.createIdentity(in: directory, entropy: &entropy)
    }

    /// - Errors: `keyMissing` without creating anything, `keyExposed`, `keyUnusable`.
    static func load(at path: String) throws -> SigningKey {
        guard Paths.exists(path), Paths.exists(path + "/identity") else {
            throw StoreFailure(
                .keyMissing, "there is none in \(path); make one with peer-agent init")
        }
        return try Keystore.loadIdentity(from: try DataDirectory(preparing: path))
    }
}
