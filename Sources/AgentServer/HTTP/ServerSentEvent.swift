/// Writes the events of a `text/event-stream`.
enum ServerSentEvent {
    /// A line that keeps proxies and clients from giving up; it means nothing.
    static let comment = Array(":\n\n".utf8)

    /// - Parameter frame: one line of JSON.
    static func message(_ frame: [UInt8], id: String? = nil) -> [UInt8] {
        var event: [UInt8] = []
        event.reserveCapacity(frame.count + 64)
        if let id { event.append(contentsOf: "id: \(id)\n".utf8) }
        event.append(contentsOf: "event: message\ndata: ".utf8)
        event.append(contentsOf: frame)
        event.append(contentsOf: "\n\n".utf8)
        return event
    }

    /// The first event of a stream, from which a client can resume before anything was said.
    static func priming(id: String) -> [UInt8] { Array("id: \(id)\ndata: \n\n".utf8) }

    /// Says how soon to come back after we close.
    static func retry(milliseconds: Int) -> [UInt8] { Array("retry: \(milliseconds)\n\n".utf8) }

    static let fields: [HTTPHead.Field] = [
        .init(name: "Content-Type", value: "text/event-stream"),
        .init(name: "Cache-Control", value: "no-store"),
        .init(name: "X-Accel-Buffering", value: "no"),
    ]
}
