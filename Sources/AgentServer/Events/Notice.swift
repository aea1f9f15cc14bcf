import PeerState

/// Something that listeners are told besides changes of the node's resources.
package enum Notice: Hashable, Sendable {
    case toolsChanged
    case promptsChanged
    /// An offered resource; those of the node are compared instead.
    case resourceUpdated(uri: String)
    /// A principal may do other things from now on.
    case accessChanged(Access)
    /// A principal has shown a token that allows more than those before.
    case widerToken(principal: String)
    /// A task got another status.
    case task(id: String)
}

extension MCPDispatcher {
    /// Every notice from now on; the newest `Limits.listenRing`.
    func notices() -> AsyncStream<Notice> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Notice.self, bufferingPolicy: .bufferingNewest(Limits.listenRing))
        noticeCounter += 1
        let id = noticeCounter
        noticeReaders[id] = continuation
        continuation.onTermination = { _ in
            Task { await self.endNotices(id) }
        }
        return stream
    }

    private func endNotices(_ id: UInt64) { noticeReaders[id] = nil }

    package func announce(_ notice: Notice) {
        for reader in noticeReaders.values { reader.yield(notice) }
    }
}
