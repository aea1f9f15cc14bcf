import PeerState

/// Checks the envelopes of one frame on the worker pool, a share for each of its threads.
enum SignatureChecks {
    typealias Outcome = Result<Event, Failure<WireCode>>

    /// - Returns: the outcome for each envelope, in their order.
    static func examine(_ envelopes: [Envelope], for server: Server.ID) async -> [Outcome] {
        let pool = WorkerPool.shared
        let share = max((envelopes.count + pool.width - 1) / pool.width, 1)
        return await withTaskGroup(of: Part.self) { group in
            for start in stride(from: 0, to: envelopes.count, by: share) {
                let part = envelopes[start..<min(start + share, envelopes.count)]
                group.addTask(executorPreference: pool) {
                    Part(start: start, outcomes: part.map { NodeCore.examine($0, for: server) })
                }
            }
            var parts: [Part] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.start < $1.start }.flatMap(\.outcomes)
        }
    }

    private struct Part: Sendable {
        let start: Int
        let outcomes: [Outcome]
    }
}
