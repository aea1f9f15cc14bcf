import PeerState

extension AgentStore {
    /// Writes a consistent copy of the database while others go on using it.
    ///
    /// - Errors: those of `DatabaseCopy`; `closed`.
    package func copyDatabase(to path: String) async throws {
        let copy = try begin(path)
        while try !copy.step() { await Task.yield() }
    }
}
