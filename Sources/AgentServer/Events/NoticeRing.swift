import PeerState

/// What waits for a client that does not read: its answers, and news up to a bound.
///
/// Beyond the bound only which resources changed is kept, and one notice stands for all events.
/// - Source: MCP 2.2 U4. - Bound: `Limits.listenRing` news; answers are bounded by the requests.
package struct NoticeRing: Sendable {
    private var waiting: ArraySlice<[UInt8]> = []
    private var answers = 0
    /// Events of one stream that were left out: the first, and how many.
    private struct Dropped {
        let stream: [UInt8]
        let first: [UInt8]
        var count = 0
    }

    private var dropped: [Dropped] = []

    private static let news = Array(#"{"jsonrpc":"2.0","method":"notifications/"#.utf8)

    package init() {}

    /// Whether nothing waits to be told.
    package var isEmpty: Bool { waiting.isEmpty && dropped.isEmpty }

    /// Whether a frame on its own, not yet the event of a stream, tells news.
    package static func isNews(_ frame: [UInt8]) -> Bool { frame.starts(with: news) }

    /// Keeps a frame that may never be left out.
    package mutating func add(answer frame: [UInt8]) {
        waiting.append(frame)
        answers += 1
    }

    /// Keeps a frame, or what stands for it.
    ///
    /// - Returns: how many frames nobody will see.
    package mutating func add(news frame: [UInt8]) -> Int {
        // The same news twice is one for somebody who has not read the first yet.
        guard !waiting.contains(frame) else { return 0 }
        let isEvent = ResyncNotice.isEvent(frame)
        let isFull = waiting.count - answers >= Limits.listenRing
        guard isFull || (isEvent && isBehind(ResyncNotice.stream(of: frame))) else {
            waiting.append(frame)
            return 0
        }
        return drop(frame, isEvent: isEvent)
    }

    private func isBehind(_ stream: [UInt8]) -> Bool { dropped.contains { $0.stream == stream } }

    private mutating func drop(_ frame: [UInt8], isEvent: Bool) -> Int {
        var gone = waiting.filter(ResyncNotice.isEvent)
        waiting.removeAll(where: ResyncNotice.isEvent)
        if isEvent { gone.append(frame) }
        let isKept = !isEvent && waiting.count - answers < Limits.listenRing
        if isKept { waiting.append(frame) }
        for event in gone {
            let stream = ResyncNotice.stream(of: event)
            if !isBehind(stream) { dropped.append(Dropped(stream: stream, first: event)) }
            for place in dropped.indices where dropped[place].stream == stream {
                dropped[place].count += 1
            }
        }
        return gone.count + (isKept || isEvent ? 0 : 1)
    }

    /// What to send next, oldest first; after everything else a notice for each
    /// stream about what was dropped.
    ///
    /// - Returns: whether it is that notice, which is a frame on its own.
    package mutating func next(
        storeTag: UInt32, now: UInt64
    ) -> (bytes: [UInt8], isResync: Bool)? {
        if let first = waiting.popFirst() {
            if waiting.isEmpty { waiting = [] }
            if answers > 0, !ResyncNotice.isEvent(first), !Self.isNews(first) { answers -= 1 }
            return (first, false)
        }
        while !dropped.isEmpty {
            let gone = dropped.removeFirst()
            let frame = ResyncNotice.frame(
                first: gone.first, dropped: gone.count, storeTag: storeTag, now: now)
            if let frame { return (frame, true) }
        }
        return nil
    }

    /// Forgets everything.
    package mutating func clear() { self = NoticeRing() }
}
