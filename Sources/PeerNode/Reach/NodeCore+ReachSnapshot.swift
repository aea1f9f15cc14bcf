import PeerNet
import PeerState

extension NodeCore {
    package func reachSnapshot() -> ReachSnapshot {
        var snapshot = ReachSnapshot()
        snapshot.relays = reach.client.boundRelays
        snapshot.relay =
            if configuration.isRelay {
                .serving
            } else if !snapshot.relays.isEmpty {
                .bound
            } else {
                configuration.relays.isEmpty ? .off : .connecting
            }
        for server in reach.progress.keys.sorted() {
            let parts = (reach.progress[server] ?? [:]).values
            snapshot.fetches.append(
                ReachSnapshot.Fetch(
                    server: server, have: parts.reduce(0) { $0 + $1.have },
                    total: parts.reduce(0) { $0 + $1.total }))
        }
        snapshot.counters = countersNow()
        snapshot.gauges = gauges()
        return snapshot
    }

    /// What was counted here, and by the cores.
    private func countersNow() -> Counters {
        var counters = reach.counters
        counters[.unsupportedFrames] = sync.unsupportedFrames
        counters[.pushesOverAuthorQuota] = sync.pushes.overAuthor
        counters[.pushesOverPeerQuota] = sync.pushes.overPeer
        counters[.pushesPostponed] = sync.pushes.postponed
        counters[.wantsPostponed] = sync.pushes.laterWants
        counters[.wantsHeld] = sync.pushes.heldWants
        counters[.repairs] = sync.repairs
        counters[.takeovers] = sync.takeovers
        counters[.relayedBytes] = reach.relay.forwarded
        counters[.relayRefused] = reach.relay.refused
        counters[.relayOpensRefused] = reach.client.refused
        counters[.relayRetries] = reach.client.retried
        counters[.chunksKept] = keeper?.kept ?? 0
        counters[.chunksUnavailable] = keeper?.unavailable ?? 0
        counters[.chunksOverBudget] = keeper?.overBudget ?? 0
        counters[.addressesRefused] = counters[.addressesRefused] + reach.acquaintances.book.refused
        return counters
    }

    private func gauges() -> [Gauge: UInt64] {
        let ids = servers.keys
        let numbers: [Gauge: Int] = [
            .dialTargets: dialling.count,
            .addressBook: reach.acquaintances.book.count,
            .activeNeighbours: ids.reduce(0) { $0 + reach.neighbours.active(in: $1).count },
            .passiveNeighbours: ids.reduce(0) { $0 + reach.neighbours.passiveCount(in: $1) },
            .authorsOverQuota: sync.postponedCount,
            .checksWaiting: verifying.count,
            .commitsWaiting: inflight.count,
            .eventsPending: servers.values.reduce(0) { $0 + $1.replica.pending.count },
            .messagesWithoutKey: servers.values.reduce(0) { $0 + $1.sealedCount },
            .fetchesOpen: reach.progress.values.reduce(0) { $0 + $1.count },
            .chunksWaiting: keeper?.waiting ?? 0,
            .relayBindings: reach.relay.bindingCount,
            .relayStreams: reach.relay.streamCount,
            .relayedLinks: reach.client.streamCount,
            .relayQueuedBytes: reach.client.queuedBytes,
        ]
        return numbers.mapValues { UInt64($0) }
    }
}
