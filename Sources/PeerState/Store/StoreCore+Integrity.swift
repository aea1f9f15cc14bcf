extension StoreCore {
    /// Reads everything and says what is wrong; nothing is changed.
    ///
    /// - Returns: empty when all is well, else at most `Limits.integrityFindings` per check.
    /// - Errors: `closed`, `ioError`; damage is a finding.
    package func integrity() throws(StoreFailure) -> [IntegrityFinding] {
        try settleTexts()
        var findings = try structure()
        let checks = [damagedEvents, damagedTexts, damagedIndex, damagedCheckpoints]
        for check in checks {
            do throws(StoreFailure) {
                findings += try check()
            } catch {
                guard error.code == .corrupt else { throw error }
                findings.append(IntegrityFinding(.restore, error.detail))
            }
        }
        return findings
    }

    private func structure() throws(StoreFailure) -> [IntegrityFinding] {
        do throws(StoreFailure) {
            let pages = try database.rows("PRAGMA integrity_check(\(Limits.integrityFindings))") {
                $0.text(0)
            }
            let findings = pages.filter { $0 != "ok" }.map { finding in
                IntegrityFinding(Self.repair(of: finding), "the file is damaged: \(finding)")
            }
            let orphans = try database.rows("PRAGMA foreign_key_check") { $0.text(0) }
            return findings
                + Set(orphans).sorted().map { table in
                    IntegrityFinding(
                        Self.derivedTables.contains(table) ? .rebuild : .restore,
                        "rows of \(table) belong to nothing")
                }
        } catch {
            guard error.code == .corrupt else { throw error }
            return [IntegrityFinding(.restore, error.detail)]
        }
    }

    private static let derivedTables: Set = [
        "texts", "sealed_texts", "mentions", "checkpoints", "checkpoint_parts",
    ]

    /// An index alone can be made again from its table.
    private static func repair(of finding: String) -> IntegrityFinding.Repair {
        let isIndex = finding.holds("missing from index") || finding.holds("in index")
        return isIndex ? .rebuild : .restore
    }

    /// Events whose bytes are no longer those that were signed.
    private func damagedEvents() throws(StoreFailure) -> [IntegrityFinding] {
        try database.with("SELECT id, envelope, size FROM events ORDER BY ref") {
            row throws(StoreFailure) in
            var found: [IntegrityFinding] = []
            while found.count < Limits.integrityFindings, try row.step() {
                guard row.integer(2) == row.bytes(1).count,
                    Self.isWhole(row.bytes(1), id: row.bytes(0))
                else {
                    let name = String(row.bytes(0).hex.prefix(16))
                    found.append(
                        IntegrityFinding(
                            .restore, "event \(name) is damaged; a peer or a backup has it"))
                    continue
                }
            }
            return found
        }
    }

    private static func isWhole(_ envelope: [UInt8], id: [UInt8]) -> Bool {
        do {
            return try Envelope(decoding: envelope).id.bytes == id
        } catch {
            return false
        }
    }

    /// A search index that does not say what the texts say.
    private func damagedIndex() throws(StoreFailure) -> [IntegrityFinding] {
        do throws(StoreFailure) {
            try database.run("INSERT INTO search(search, rank) VALUES ('integrity-check', 1)")
            return []
        } catch {
            guard error.code == .corrupt else { throw error }
            return [
                IntegrityFinding(
                    .rebuild, "search does not match the messages; run: peer-agent doctor --rebuild"
                )
            ]
        }
    }

    private func damagedCheckpoints() throws(StoreFailure) -> [IntegrityFinding] {
        let servers = try database.rows(
            """
            SELECT s.id, c.fold_version FROM checkpoints AS c
            CROSS JOIN servers AS s ON s.ref = c.server ORDER BY s.id
            """
        ) { row throws(StoreFailure) in
            (id: try row.identifier(0) as Server.ID, version: row.unsigned(1))
        }
        var found: [IntegrityFinding] = []
        for server in servers where !(try isWhole(server.id, server.version)) {
            found.append(
                IntegrityFinding(
                    .rebuild, "the checkpoint of server \(server.id) is damaged; it is not used"))
        }
        return found
    }

    private func isWhole(_ server: Server.ID, _ version: UInt64) throws(StoreFailure) -> Bool {
        do {
            guard try readCheckpoint(of: server, foldVersion: version) != nil else { return false }
            try forEachCheckpointPart(of: server) { _, _ in }
            return true
        } catch let failure as StoreFailure {
            guard failure.code == .corrupt else { throw failure }
            return false
        } catch {
            return false
        }
    }

    /// Looks for damage when the store is opened, as far as that is quick.
    ///
    /// A small database is read whole; of a larger one only what every use touches. What is found
    /// later has the same code, and every event is checked against its id when it is decoded.
    /// - Errors: `corrupt`.
    func checkAtOpening() throws(StoreFailure) {
        if try pageCount() <= Limits.pagesCheckedAtOpen {
            try check()
        } else {
            for table in Schema.tables {
                _ = try database.first("SELECT 1 FROM \(table) LIMIT 1") { _ in true }
            }
        }
    }
}
