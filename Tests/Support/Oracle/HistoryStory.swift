package import PeerState

/// Writes a history for people: events by number, authors by letter, ids as `#number`.
package struct HistoryStory {
    private var numbers: [Event.ID: Int] = [:]
    private var peers: [Peer.ID: String] = [:]
    private var lines: [String] = []

    /// One line per event: number, author, place, body, edges and verdict.
    package static func text(
        _ envelopes: [Envelope], _ state: OracleState
    ) throws(Failure<WireCode>) -> String {
        var story = HistoryStory()
        for envelope in envelopes {
            let event = try OracleEvent(envelope)
            story.add(event, state.verdicts[event.id].map { "\($0)" } ?? "?")
        }
        return story.lines.joined(separator: "\n")
    }

    private mutating func add(_ event: OracleEvent, _ verdict: String) {
        let number = numbers.count
        numbers[event.id] = number
        let letter = String(UnicodeScalar(UInt8(65 + peers.count % 26)))
        let name = peers[event.author] ?? letter
        peers[event.author] = name
        let prev = event.prev.map { brief(.named($0)) } ?? "-"
        let deps = event.deps.map { brief(.named($0)) }.joined(separator: " ")
        let proof = event.proof.map { brief(.named($0)) } ?? "-"
        lines.append(
            "#\(number) \(name)\(event.seq) kind \(event.kind) \(brief(.array(event.body)))"
                + " prev \(prev) deps [\(deps)] proof \(proof) lamport \(event.lamport)"
                + " \(verdict)")
    }

    private func brief(_ value: CBORValue) -> String {
        if let id: Event.ID = value.identifier() {
            if let number = numbers[id] { return "#\(number)" }
            return peers[Peer.ID(id)] ?? "~\(id.short.prefix(4))"
        }
        switch value {
        case .unsigned(let number): return "\(number)"
        case .bytes(let bytes): return "<\(bytes.count)>"
        case .text(let text): return "'\(text.prefix(8))'"
        case .array(let items): return "[\(items.map(brief).joined(separator: " "))]"
        case .map(let pairs):
            let all = pairs.map { "\($0.key):\(brief($0.value))" }
            return "{\(all.joined(separator: " "))}"
        case .bool(let bool): return bool ? "yes" : "no"
        case .null: return "-"
        }
    }
}
