import PeerState

/// Bytes that were received and not yet understood, taken by lines or by counts.
struct HTTPLineBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    /// Everything before it was searched for the end of a line.
    private var searched = 0

    var count: Int { bytes.count - start }

    mutating func append(_ more: [UInt8]) {
        if start == bytes.count {
            bytes = more
            start = 0
            searched = 0
        } else {
            bytes.append(contentsOf: more)
        }
    }

    /// The next line without its CR LF, or `nil` when its end has not come.
    ///
    /// - Parameter limit: bytes without the line's end; longer ones fail as `tooLong`.
    /// - Errors: `tooLong`; `malformed` for CR or LF that stand alone.
    mutating func line(
        _ limit: Int, _ tooLong: HTTPCode, _ malformed: HTTPCode
    ) throws(HTTPFailure) -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
            searched = bytes.count
            // One more: the CR may have come without its LF.
            guard count <= limit + 1 else { throw HTTPFailure(tooLong, "a line over \(limit)") }
            if count == limit + 1 && bytes[bytes.count - 1] != 0x0D {
                throw HTTPFailure(tooLong, "a line over \(limit)")
            }
            return nil
        }
        guard end - start <= limit + 1 else { throw HTTPFailure(tooLong, "a line over \(limit)") }
        guard end > start, bytes[end - 1] == 0x0D else {
            // Seen byte by byte it would have been too long before its end came.
            guard end - start <= limit else { throw HTTPFailure(tooLong, "a line over \(limit)") }
            throw HTTPFailure(malformed, "a line ends with LF alone")
        }
        let line = Array(bytes[start..<(end - 1)])
        guard !line.contains(0x0D) else { throw HTTPFailure(malformed, "CR inside a line") }
        advance(to: end + 1)
        return line
    }

    mutating func take(atMost count: Int) -> ArraySlice<UInt8> {
        let end = min(bytes.count, start + count)
        let part = bytes[start..<end]
        advance(to: end)
        return part
    }

    private mutating func advance(to place: Int) {
        start = place
        searched = place
        if start == bytes.count {
            // Whoever waits for an answer holds nothing of the question.
            bytes = []
            start = 0
            searched = 0
        }
        guard start > Limits.httpPipelineBytes && start > bytes.count / 2 else { return }
        bytes.removeFirst(start)
        searched -= start
        start = 0
    }
}
