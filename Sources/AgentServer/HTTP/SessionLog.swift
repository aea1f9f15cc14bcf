import PeerState

/// What the streams of one legacy session said, so that a client that lost one can read on.
///
/// - Source: MCP 2.4 L5, 11 N2. - Bounds: `Limits.sessionReplayFrames` and `…Bytes`; finished
///   streams are forgotten first, then the oldest frames.
package struct SessionLog: Sendable {
    private struct Entry: Sendable {
        let number: Int
        /// Empty for the event that only gives a place to resume from.
        let frame: [UInt8]
    }

    private struct Stream: Sendable {
        var entries: [Entry] = []
        var next = 0
        /// Numbers below it are in the database, and only those may be told.
        var stored = 0
        var isDone = false
        var requests: [SessionRequest] = []
    }

    /// One step that the database repeats, in order.
    package enum Change: Equatable, Sendable {
        case stream(SessionStreamRow)
        case frame(stream: Int, number: Int, [UInt8])
        /// Frames below the number are forgotten.
        case trimmed(stream: Int, below: Int)
        case removed(stream: Int)
    }

    /// The stream of GET, which has no request.
    package static let standing = 0

    private var streams: [Int: Stream] = [standing: Stream()]
    private var nextStream = 1
    private var frames = 0
    private var bytes = 0
    private var changes: [Change] = []
    /// Up to which feed number the stream of GET was told events; `nil` = it relays none.
    package private(set) var mark: UInt64?

    package init() {}

    /// Goes on with what an earlier process wrote down.
    package init(_ rows: [SessionStreamRow], frames kept: [SessionFrameRow]) {
        for row in rows {
            streams[row.stream] = Stream(
                next: row.next, stored: row.next, isDone: row.isDone, requests: row.requests)
            nextStream = max(nextStream, row.stream + 1, row.opened)
            mark = row.mark ?? mark
        }
        for row in kept {
            guard var stream = streams[row.stream] else { continue }
            stream.entries.append(Entry(number: row.number, frame: row.frame))
            stream.next = max(stream.next, row.number + 1)
            stream.stored = stream.next
            streams[row.stream] = stream
            frames += 1
            bytes += row.frame.count
        }
    }

    /// Notes up to which feed number the stream of GET was told events.
    package mutating func mark(_ feed: UInt64) {
        guard feed > mark ?? 0 || mark == nil else { return }
        mark = feed
        note(Self.standing)
    }

    /// What the database does not know yet; from now on it counts as told to it.
    package mutating func takeChanges() -> [Change] {
        defer { changes = [] }
        return changes
    }

    package mutating func open() -> Int {
        let number = nextStream
        nextStream += 1
        streams[number] = Stream()
        note(number)
        // The highest number ever given, so that no later process gives it again.
        note(Self.standing)
        return number
    }

    /// Makes an event without content.
    package mutating func prime(_ stream: Int) -> SessionPlace { append([], to: stream) }

    package mutating func append(_ frame: [UInt8], to stream: Int) -> SessionPlace {
        let number = streams[stream]?.next ?? 0
        if number == 0 { note(stream) }
        streams[stream]?.entries.append(Entry(number: number, frame: frame))
        streams[stream]?.next = number + 1
        frames += 1
        bytes += frame.count
        changes.append(.frame(stream: stream, number: number, frame))
        trim()
        return SessionPlace(stream: stream, number: number)
    }

    /// Everything up to this place is in the database.
    package mutating func stored(_ place: SessionPlace) {
        let before = streams[place.stream]?.stored ?? 0
        streams[place.stream]?.stored = max(before, place.number + 1)
    }

    /// The stream of GET never ends; a later listener goes on with it.
    package mutating func finish(_ stream: Int) {
        guard stream != Self.standing, streams[stream] != nil else { return }
        streams[stream]?.isDone = true
        streams[stream]?.requests = []
        note(stream)
    }

    /// Says which requests a stream still owes an answer.
    package mutating func expect(_ requests: [SessionRequest], on stream: Int) {
        guard let found = streams[stream], found.requests != requests else { return }
        streams[stream]?.requests = requests
        note(stream)
    }

    /// Streams that an earlier process left without their end.
    package var unfinished: [(stream: Int, requests: [SessionRequest])] {
        streams.filter { $0.key != Self.standing && !$0.value.isDone }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value.requests) }
    }

    /// The place that an event id names; `nil` for what was never here or is forgotten.
    package func place(_ text: String) -> SessionPlace? {
        guard let place = SessionPlace(text), let found = streams[place.stream],
            (0..<found.next).contains(place.number)
        else { return nil }
        return place
    }

    /// What a stream said after an event, as far as it is stored.
    ///
    /// - Returns: the events; `isWhole` is false when some of them are forgotten.
    package func tail(after place: SessionPlace) -> (
        events: [(place: SessionPlace, frame: [UInt8])], isWhole: Bool
    ) {
        guard let found = streams[place.stream] else { return ([], true) }
        let oldest = found.entries.first?.number ?? found.next
        let events = found.entries.filter { $0.number > place.number && $0.number < found.stored }
        return (
            events.map { (SessionPlace(stream: place.stream, number: $0.number), $0.frame) },
            oldest <= place.number + 1
        )
    }

    /// Whether anybody has ever listened with GET.
    package var hasStood: Bool { streams[Self.standing]?.next ?? 0 > 0 }

    /// Whether something a stream said still waits for the database.
    package func isStoring(_ stream: Int) -> Bool {
        streams[stream].map { $0.stored < $0.next } ?? false
    }

    private mutating func note(_ stream: Int) {
        guard let found = streams[stream] else { return }
        changes.append(
            .stream(
                SessionStreamRow(
                    stream: stream, next: found.next, isDone: found.isDone,
                    opened: stream == Self.standing ? nextStream : 0,
                    mark: stream == Self.standing ? mark : nil, requests: found.requests)))
    }

    private mutating func trim() {
        while frames > Limits.sessionReplayFrames || bytes > Limits.sessionReplayBytes {
            if let done = streams.filter({ $0.value.isDone }).keys.min() {
                drop(done, all: true)
                continue
            }
            let fullest = streams.max { $0.value.entries.count < $1.value.entries.count }
            guard let fullest, !fullest.value.entries.isEmpty else { return }
            drop(fullest.key, all: false)
        }
    }

    private mutating func drop(_ stream: Int, all: Bool) {
        guard var found = streams[stream] else { return }
        let gone = all ? found.entries[...] : found.entries.prefix(1)
        frames -= gone.count
        bytes -= gone.reduce(0) { $0 + $1.frame.count }
        found.entries.removeFirst(gone.count)
        streams[stream] = all && stream != Self.standing ? nil : found
        if streams[stream] == nil {
            changes.append(.removed(stream: stream))
        } else {
            let below = found.entries.first?.number ?? found.next
            changes.append(.trimmed(stream: stream, below: below))
        }
    }
}

/// Where an event stands in a session, as its id says it.
package struct SessionPlace: Hashable, Sendable {
    package let stream: Int
    package let number: Int

    package init(stream: Int, number: Int) {
        self.stream = stream
        self.number = number
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let stream = Int(parts[0]), let number = Int(parts[1]) else {
            return nil
        }
        self.init(stream: stream, number: number)
    }

    package var text: String { "\(stream)-\(number)" }
}
