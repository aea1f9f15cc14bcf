import PeerState

/// The key file of a data directory, for commands that need no node.
enum Identity {
    /// - Errors: `alreadyExists`: a key is never replaced.
    static func create(at file: String, in dataDirectory: String) throws -> SigningKey {
        _ = try DataDirectory(preparing: dataDirectory)
        guard !Paths.exists(file) else {
            throw StoreFailure(
                .alreadyExists, "\(file) is there already; --print-peer-id shows whose it is")
        }
        var entropy = Entropy.system
        return try Keystore.createIdentity(at: file, entropy: &entropy)
    }

    /// - Errors: `keyMissing` without creating anything, `keyExposed`, `keyUnusable`.
    static func load(at dataDirectory: String) throws -> SigningKey {
        let file = try path(in: dataDirectory)
        guard Paths.exists(dataDirectory), Paths.exists(file) else {
            throw StoreFailure(
                .keyMissing, "there is none in \(dataDirectory); make one with peer-agent init")
        }
        _ = try DataDirectory(preparing: dataDirectory)
        return try Keystore.loadIdentity(at: file)
    }

    /// - Errors: as `load(at:)`.
    static func load(from file: String) throws -> SigningKey {
        guard Paths.exists(file) else {
            throw StoreFailure(
                .keyMissing, "there is no \(file); make one with peer-agent init")
        }
        return try Keystore.loadIdentity(at: file)
    }

    /// Where the key of a data directory is, by the environment and its configuration file.
    static func path(in dataDirectory: String) throws(CLIFailure) -> String {
        let none: [String] = []
        return try Arguments(none, flags: [.identity], environment: Invocation.environment)
            .identityPath(dataDirectory)
    }
}

extension Arguments {
    /// The key file; one that the configuration file names lies in the data directory.
    func identityPath(_ dataDirectory: String) throws(CLIFailure) -> String {
        let filled = contains(.identity) ? self : try withConfiguration(dataDirectory)
        guard let named = filled[.identity] else { return dataDirectory + "/identity" }
        if case .file = filled.origin(of: .identity), !named.hasPrefix("/"), !named.hasPrefix("~") {
            return dataDirectory + "/" + named
        }
        return try Paths.absolute(named)
    }
}
