import PeerState

/// The few fields of an event that choose where it goes, read without checking the rest.
///
/// Everything else, signature included, is judged where events are taken in.
struct EventHeader: Hashable {
    let author: Peer.ID
    let seq: UInt64
    let kind: UInt64
    let lamport: UInt64

    /// - Errors: `cbor…` and `badField` for bytes in which the fields cannot be found.
    init(envelope: [UInt8]) throws(Failure<WireCode>) {
        var outer = CBORReader(envelope)
        try outer.array(exactly: 2)
        var reader = CBORReader(try outer.byteString("payload"))
        guard try reader.array("payload") == 11 else { throw Failure(.badField, "payload") }
        try reader.skip()  // fmt
        try reader.skip()  // server
        author = try reader.identifier("author")
        seq = try reader.unsigned(in: 1...Limits.maxSeq, "seq")
        for _ in 0..<3 { try reader.skip() }  // prev, deps, proof
        kind = try reader.unsigned("kind")
        lamport = try reader.unsigned("lamport")
    }

    func orderKey(id: Event.ID) -> OrderKey {
        OrderKey(lamport: lamport, author: author, seq: seq, id: id)
    }
}
