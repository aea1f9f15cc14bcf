package import PeerState

/// Copies of what a node holds, for its owner: the database, and the signed log of a server.
package protocol ArchivePort: Sendable {
    /// Writes a consistent copy of the database while the node goes on working.
    ///
    /// - Parameter path: of a file that is not there yet.
    /// - Errors: `StoreFailure`.
    func copyDatabase(to path: String) async throws

    /// The next events of a server in canonical order; empty after the last.
    ///
    /// - Errors: `unknownServer`.
    func archive(of server: Server.ID, after: OrderKey?) async throws -> [StoredEvent]
}

extension ArchivePort {
    package func copyDatabase(to path: String) async throws {
        throw NodeFailure(.invalidArgument, "this is for the owner of the node only")
    }

    package func archive(of server: Server.ID, after: OrderKey?) async throws -> [StoredEvent] {
        throw NodeFailure(.unknownServer, "")
    }
}
