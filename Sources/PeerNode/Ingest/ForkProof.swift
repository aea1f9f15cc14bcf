import PeerState

/// Two events of one author with one number, as they were signed (PROTOCOL 5.8, F1).
///
/// Kept beside the events: one of the two may never be stored here, as it follows what nobody has,
/// or was written at a time far ahead.
struct ForkProof: Hashable, Sendable {
    let first: [UInt8]
    let second: [UInt8]

    init(first: [UInt8], second: [UInt8]) {
        self.first = first
        self.second = second
    }

    init(decoding bytes: [UInt8]) throws(Failure<WireCode>) {
        var reader = CBORReader(bytes)
        try reader.array(exactly: 2)
        first = try reader.byteString(max: Limits.maxEnvelope)
        second = try reader.byteString(max: Limits.maxEnvelope)
    }

    var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.array(2)
        writer.byteString(first)
        writer.byteString(second)
        return writer.bytes
    }

    /// What the two say, without looking at their signatures.
    ///
    /// - Returns: `nil` when they prove nothing.
    func point(in server: Server.ID) throws(Failure<WireCode>) -> ForkPoint? {
        ForkPoint(
            try Event(decoding: Envelope(decoding: first), for: server),
            try Event(decoding: Envelope(decoding: second), for: server))
    }

    /// Under which name it is kept.
    static func setting(_ point: ForkPoint, in server: Server.ID) -> String {
        "\(settings(of: server))\(point.author.hex)/\(point.seq)/\(point.prev?.hex ?? "")"
    }

    /// What the names of all proofs of one server begin with.
    static func settings(of server: Server.ID) -> String { "fork/\(server.hex)/" }
}

extension HostedServer {
    /// Takes for proven again what proofs showed, after the state was made from its events.
    ///
    /// - Parameter settings: those of `ForkProof.settings(of:)`.
    mutating func learnForks(from settings: [Setting], log: Log) {
        for setting in settings {
            do {
                let proof = try ForkProof(decoding: setting.value ?? [])
                guard let point = try proof.point(in: id) else { continue }
                forkProofs[point] = proof
            } catch {
                log.log(.warning, "the proof of a fork cannot be read: \(error)")
            }
        }
        for point in forkProofs.keys.sorted(by: { $0.seq < $1.seq }) {
            _ = replica.learn(point)
        }
        noteForks()
    }
}
