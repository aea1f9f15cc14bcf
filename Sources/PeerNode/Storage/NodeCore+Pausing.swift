import PeerNet
package import PeerState

/// What happens to a node whose store refuses to write, and how it goes on.
extension NodeCore {
    /// Why nothing can be written now; `nil` when writes are taken.
    package var writeRefusal: NodeFailure? {
        switch pause.code {
        case nil where isStopped: NodeFailure(.storeFailed, "the node reads its store again")
        case nil: nil
        case .diskFull:
            NodeFailure(
                .diskFull,
                "the disk is full: nothing is written until there is room; reading goes on")
        case let code?: NodeFailure(code, "the store refused a write; it is tried again soon")
        }
    }

    /// Answers what cannot be taken while memory is about to be built again.
    func refuse(_ input: Input) -> [Effect] {
        switch input {
        case .perform(let id, _):
            let failure = writeRefusal ?? NodeFailure(.storeFailed, "the store refused a write")
            return [.reply(id, .failure(failure))]
        case .linkOpened(let link, _): return [.close(link)]
        default: return []
        }
    }

    /// Takes an act, unless what it wants to store would be refused.
    mutating func admit(_ id: ReplyID, _ action: Action) {
        if let refusal = writeRefusal {
            out.append(.reply(id, .failure(refusal)))
        } else {
            perform(id, action)
        }
    }

    /// During a pause nothing is submitted: what was gathered comes again when memory is rebuilt.
    mutating func dropGathered() {
        let changes = current.changes
        current = Inflight()
        if !changes.isEmpty { out.append(.changed(changes)) }
    }

    /// Writes this life's name, as a test of the store, when a pause is over.
    mutating func tryStore() {
        guard pause.isOn else { return }
        guard pause.isDue(now.monotonic) else {
            if pause.probe == nil { wakes.add(pause.due) }
            return
        }
        let id = job()
        pause.probe = id
        var batch = StoreBatch()
        batch.settings.append(Setting(name: "incarnation", value: incarnation))
        out.append(.commit(id, batch))
    }

    /// Whether a commit was the test write, which then ends the pause: memory is read again once
    /// more, since what peers sent meanwhile was let pass.
    mutating func endsPause(_ job: JobID) -> Bool {
        guard pause.isOn, pause.probe == job else { return false }
        log.log(.info, "the store takes writes again")
        pause.end()
        isStopped = true
        out.append(.reload)
        return true
    }

    /// This node again, from what is durable: a stopped core's successor.
    ///
    /// It still pauses and recovers where this one did, and those who wait go on waiting.
    package func rebuilt(from stored: StoredNode, entropy: Entropy, now: Moment) -> NodeCore {
        var core = NodeCore(
            configuration: configuration, incarnation: incarnation, entropy: entropy, now: now,
            recovery: recovery.restarted())
        core.pause = pause
        core.waiters = waiters
        core.restore(stored)
        // A write at every start would be refused again and again while the disk is full.
        if stored.setting("incarnation") != incarnation { core.keepIncarnation() }
        return core
    }
}
