import PeerState

/// What the streams of one legacy session said, so that a client that lost one can read on.
///
/// - Source: MCP 2.4 L5, 11 N2. - Bounds: `Limits.sessionReplayFrames` and `…Bytes`; finished
///   streams are forgotten first, then the oldest frames.
struct SessionLog: Sendable {
    private struct Entry: Sendable {
        let number: Int
        /// Empty for the event that only gives a place to resume from.
        let frame: [UInt8]
    }

    private struct Stream: Sendable {
        var entries: [Entry] = []
        var next = 0
        var isDone = false
    }

    /// The stream of GET, which has no request.
    static let standing = 0

    private var streams: [Int: Stream] = [standing: Stream()]
    private var nextStream = 1
    private var frames = 0
    private var bytes = 0

    mutating func open() -> Int {
        defer { nextStream += 1 }
        streams[nextStream] = Stream()
        return nextStream
    }

    /// Makes an event without content.
    ///
    /// - Returns: its id.
    mutating func prime(_ stream: Int) -> String { append([], to: stream) }

    mutating func append(_ frame: [UInt8], to stream: Int) -> String {
        let number = streams[stream]?.next ?? 0
        streams[stream]?.entries.append(Entry(number: number, frame: frame))
        streams[stream]?.next = number + 1
        frames += 1
        bytes += frame.count
        trim()
        return "\(stream)-\(number)"
    }

    /// The stream of GET never ends; a later listener goes on with it.
    mutating func finish(_ stream: Int) {
        if stream != Self.standing { streams[stream]?.isDone = true }
    }

    /// The place that an event id names; `nil` for what was never here or is forgotten.
    func place(_ text: String) -> (stream: Int, number: Int)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let stream = Int(parts[0]), let number = Int(parts[1]),
            let found = streams[stream], (0..<found.next).contains(number)
        else { return nil }
        return (stream, number)
    }

    /// What a stream said after an event, with ids.
    func tail(of stream: Int, after number: Int) -> [(id: String, frame: [UInt8])] {
        (streams[stream]?.entries ?? []).filter { $0.number > number }.map {
            ("\(stream)-\($0.number)", $0.frame)
        }
    }

    func isDone(_ stream: Int) -> Bool { streams[stream]?.isDone ?? true }

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
    }
}
