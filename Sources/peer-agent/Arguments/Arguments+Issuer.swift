import AgentServer
import Glibc
import PeerState

/// The external issuer of tokens that `run` may be told of.
///
/// - Source: MCP 9.5 and 16.5.
extension Arguments {
    /// - Errors: `usage` for addresses; `badConfiguration` for the file of its keys, and where only
    ///   one of the two is given.
    func issuer(_ dataDirectory: String) throws(CLIFailure) -> Issuer? {
        guard let url = self[.authIssuer] else {
            guard !contains(.authKeys), !contains(.authResource) else {
                throw CLIFailure(
                    .badConfiguration, "auth.jwks_file and auth.resource need auth.issuer")
            }
            return nil
        }
        guard let named = self[.authKeys] else {
            throw CLIFailure(
                .badConfiguration,
                "auth.issuer needs auth.jwks_file: the public keys of \(url.printable)")
        }
        for (flag, text) in [(Flag.authIssuer, url), (.authResource, self[.authResource] ?? url)] {
            guard Issuer.isAddress(text) else {
                throw CLIFailure(
                    .usage,
                    "\(flag.spelled) is \(text.quoted); write https://HOST, perhaps with a path "
                        + "(http for this machine alone)")
            }
        }
        let path = try keysPath(named, dataDirectory)
        let keys = try Self.keys(path)
        return Issuer(url: url, resource: self[.authResource], keys: keys, grant: try grant())
    }

    /// One that the configuration file names lies in the data directory.
    private func keysPath(
        _ named: String, _ dataDirectory: String
    ) throws(CLIFailure) -> String {
        if case .file = origin(of: .authKeys), !named.hasPrefix("/"), !named.hasPrefix("~") {
            return dataDirectory + "/" + named
        }
        return try Paths.absolute(named)
    }

    /// Whoever can write there could sign tokens for anybody.
    private static func keys(_ path: String) throws(CLIFailure) -> IssuerKeys {
        func failure(_ problem: String) -> CLIFailure {
            CLIFailure(.badConfiguration, "auth.jwks_file: \(problem)")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failure("cannot open \(path): \(systemText(errno))") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure("\(path) is not a regular file")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw failure("\(path) belongs to another user; run: chown \(geteuid()) \(path)")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw failure("others can write \(path); run: chmod go-w \(path)")
        }
        guard status.st_size <= Limits.issuerFileBytes else {
            throw failure("\(path) has over \(Limits.issuerFileBytes >> 10) KiB")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(file, &bytes, bytes.count)
        do throws(TokenFailure) {
            return try IssuerKeys(Array(bytes.prefix(max(0, count))))
        } catch {
            throw failure("\(path): \(error.detail)")
        }
    }
}
