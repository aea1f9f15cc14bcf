import PeerNet
import PeerState

/// Filling the tables of readable messages, and reading again what they lack.
extension Node {
    /// Fills the texts of a database written before it kept them; once.
    ///
    /// State is whole by now, so each event says what it shows. A crash begins it again.
    func fillTexts() async throws {
        guard look({ $0.lacksTexts }) else { return try await fillUnwritten() }
        log.log(.info, "the store is being prepared for reading and search; this happens once")
        try await store.beginRebuild()
        var totals: [ChannelTotals] = []
        for server in core.servers.keys.sorted() {
            guard let slot = core.servers[server] else { continue }
            var after: OrderKey?
            repeat {
                after = try await store.rebuildStep(of: server, after: after) { row in
                    slot.textChanges(of: row)
                }
            } while after != nil
            totals += try await store.channelTotals(in: server)
        }
        try await store.finishRebuild()
        core.restore(totals)
        core.keepTextsComplete()
    }

    /// Writes the texts of messages that were stored a moment before a crash.
    private func fillUnwritten() async throws {
        guard try await store.hasUnwrittenTexts() else { return }
        let servers = core.servers
        do throws(StoreFailure) {
            try await store.refill { row in servers[row.server]?.textChanges(of: row) ?? [] }
        } catch {
            guard error.code == .diskFull else { throw error }
            log.log(.warning, "the last messages cannot be read yet: \(error)")
        }
    }

    func rescan(_ server: Server.ID) async {
        let from = core.servers[server]?.rescanFrom ?? 0
        var place: NodeStorage.RescanPlace? = .from(lamport: from)
        do {
            while let now = place {
                place = try await store.read { core in
                    var place: NodeStorage.RescanPlace? = now
                    let rows = try NodeStorage.rescan(server, &place, core)
                    if !rows.isEmpty { enter(.rescanned(server, rows)) }
                    return place
                }
            }
            enter(.rescanned(server, []))
        } catch {
            log.log(.error, "reading messages again: \(error)")
        }
    }

    func reopen(_ server: Server.ID, _ messages: [MessageSource]) async {
        do {
            try await store.read { core in
                let found = try NodeStorage.reopened(messages, in: server, core)
                enter(.reopened(server, found))
            }
        } catch {
            log.log(.error, "reading messages again: \(error)")
        }
    }

    /// Takes what was read in one order with the completion of commits: what one of them makes
    /// visible is then never announced again by what was read before it.
    private nonisolated func enter(_ input: NodeCore.Input) {
        loop.perform { [weak self] in self?.assumeIsolated { $0.feed(input) } }
    }
}
