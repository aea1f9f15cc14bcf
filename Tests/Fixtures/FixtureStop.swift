import PeerNet

/// Waits for the signal that ends the fixture server.
actor FixtureStop: LoopActor {
    nonisolated let loop: EventLoop
    private var signals: [Signal] = []
    private var isRequested = false
    private var waiting: CheckedContinuation<Void, Never>?

    init(loop: EventLoop) {
        self.loop = loop
    }

    func watch() throws {
        for kind in [Signal.Kind.interrupt, .terminate] {
            signals.append(
                try Signal(loop, kind) { [unowned self] in assumeIsolated { $0.begin() } })
        }
    }

    func requested() async {
        guard !isRequested else { return }
        await withCheckedContinuation { waiting = $0 }
    }

    private func begin() {
        isRequested = true
        waiting?.resume()
        waiting = nil
    }
}
