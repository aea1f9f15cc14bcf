package import PeerState

/// How servers come out of the store: from a checkpoint and what was stored since, or from all
/// their events.
extension NodeStorage {
    /// One server as the store makes it.
    package struct LoadedServer: Sendable {
        package var server: HostedServer
        /// Channel keys that were opened on the way and are not stored yet.
        package var learned: [EpochKeyRow] = []
        package var start: Start
    }

    /// What a start had to read.
    package enum Start: Hashable, Sendable {
        /// A checkpoint, and so many events after it.
        case checkpoint(tail: Int)
        /// Every event: there was no checkpoint, or one that cannot be used, and why.
        case events(refused: String?)
    }

    /// - Parameter usesCheckpoint: `false` folds every event, whatever checkpoint there is.
    static func load(
        _ empty: HostedServer, usesCheckpoint: Bool, log: Log, _ core: StoreCore
    ) throws(StoreFailure) -> LoadedServer {
        var loaded = try read(empty, usesCheckpoint: usesCheckpoint, log: log, core)
        loaded.server.learnForks(
            from: try core.settings(prefix: ForkProof.settings(of: empty.id)), log: log)
        return loaded
    }

    private static func read(
        _ empty: HostedServer, usesCheckpoint: Bool, log: Log, _ core: StoreCore
    ) throws(StoreFailure) -> LoadedServer {
        var refused: String?
        if usesCheckpoint {
            do {
                if let loaded = try resume(empty, log, core) { return loaded }
            } catch let failure as StoreFailure where failure.code != .corrupt {
                throw failure
            } catch {
                let reason = (error as? StoreFailure)?.detail ?? "\(error)"
                log.log(
                    .warning, "server \(empty.id): \(reason): every event is read instead")
                try core.dropUnusableCheckpoint(of: empty.id)
                refused = reason
            }
        }
        return try fold(empty, refused: refused, log, core)
    }

    /// - Returns: `nil` without a checkpoint of this program.
    private static func resume(
        _ empty: HostedServer, _ log: Log, _ core: StoreCore
    ) throws -> LoadedServer? {
        let id = empty.id
        guard let checkpoint = try core.checkpoint(of: id, foldVersion: ServerState.foldVersion)
        else { return nil }
        let through = try core.checkpointThrough(of: id)
        var reader = StateReader(checkpoint, viewer: empty.me)
        try core.forEachCheckpointPart(of: id) { number, bytes in
            guard let part = StatePart(number: number) else {
                throw StoreFailure(.corrupt, "a checkpoint has a part no program knows")
            }
            try reader.take(part, bytes)
        }
        let made = try reader.finish { event in
            guard let bytes = try core.envelope(server: id, id: event) else { return nil }
            let envelope = try Envelope(decoding: bytes)
            return (try Event(decoding: envelope, for: id), envelope)
        }
        var loaded = LoadedServer(server: empty, start: .checkpoint(tail: 0))
        loaded.server.adopt(
            made.state, made.events, loadedThrough: through.row,
            base: try core.checkpointHash(of: id))
        loaded.server.rescanFrom = through.unreadableFrom
        loaded.server.checkpoints.unreadableFrom = through.unreadableFrom
        let tail = try read(after: through.row, into: &loaded, log, core)
        guard loaded.server.replica.pending.count == 0 else {
            throw StoreFailure(.corrupt, "events after a checkpoint do not follow it")
        }
        loaded.start = .checkpoint(tail: tail)
        loaded.server.unusableEvents =
            Int(through.count) + tail - loaded.server.state.graph.count
        return loaded
    }

    private static func read(
        after row: Int64, into loaded: inout LoadedServer, _ log: Log, _ core: StoreCore
    ) throws(StoreFailure) -> Int {
        var row = row
        var count = 0
        while true {
            let step = try core.events(of: loaded.server.id, storedAfter: row)
            if step.events.isEmpty { return count }
            for event in step.events {
                loaded.take(event, log)
                loaded.server.rescanFrom = min(loaded.server.rescanFrom ?? 0, event.lamport)
            }
            loaded.server.replica.forgetTouchedMessages()
            row = step.last
            count += step.events.count
            loaded.server.loadedThrough = row
        }
    }

    private static func fold(
        _ empty: HostedServer, refused: String?, _ log: Log, _ core: StoreCore
    ) throws(StoreFailure) -> LoadedServer {
        var loaded = LoadedServer(server: empty, start: .events(refused: refused))
        loaded.server.rescanFrom = 0
        var after: OrderKey?
        while true {
            let events = try core.events(of: empty.id, after: after)
            guard let last = events.last else { break }
            for event in events { loaded.take(event, log) }
            // The texts in the store agree already; what waits for a key is read when running.
            loaded.server.replica.forgetTouchedMessages()
            after = last.orderKey
        }
        loaded.server.loadedThrough = try core.lastRow(of: empty.id)
        loaded.server.unusableEvents =
            Int(try core.eventCount(of: empty.id)) - loaded.server.state.graph.count
        return loaded
    }

    /// Writes a state over the checkpoint of its server.
    ///
    /// - Parameter checkpoint: what `snapshot.checkpoint` gave, which any thread may ask it for.
    /// - Returns: what names it.
    /// - Errors: `conflict` when not all of its events are stored; those of the disk.
    package static func write(
        _ request: CheckpointRequest, _ checkpoint: Checkpoint, _ core: StoreCore
    ) throws(StoreFailure) -> Digest.Value {
        let snapshot = request.snapshot
        return try core.writeCheckpoint(
            checkpoint, parts: snapshot.parts.map(\.number),
            changed: Set(snapshot.changedParts.map(\.number)), place: request.place
        ) { number throws(StoreFailure) in
            guard let part = StatePart(number: number) else { return [] }
            return snapshot.bytes(of: part)
        }
    }
}

extension NodeStorage.LoadedServer {
    /// Takes one stored event, whose signature was checked when it came.
    fileprivate mutating func take(_ row: StoredEvent, _ log: Log) {
        do {
            let envelope = try Envelope(decoding: row.envelope)
            let event = try Event(decoding: envelope, for: row.server)
            let verdict = server.replica.insert(
                event, envelope, source: nil, wallMilliseconds: .max)
            guard case .stored(let stored) = verdict else {
                log.log(
                    .warning, "stored event \(row.id) no longer fits: \(verdict.word ?? "")")
                return
            }
            server.commit(stored.map(\.event))
            for item in stored { server.keep(item.event, item.envelope.bytes) }
            for key in server.absorb(stored, opensTexts: false, log: log).keys {
                learned.append(
                    EpochKeyRow(
                        server: row.server, channel: key.channel, epoch: key.epoch,
                        key: key.key.copy()))
            }
        } catch {
            log.log(.error, "stored event \(row.id) does not decode: \(error)")
        }
    }
}
