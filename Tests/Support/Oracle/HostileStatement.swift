import PeerState

/// What somebody may say, before he signs it: only what a history keeps is worth a signature.
struct HostileStatement {
    private let payload: [UInt8]
    let event: OracleEvent

    init(_ payload: CBORValue) throws(Failure<WireCode>) {
        self.payload = payload.encoded
        event = try OracleEvent(
            payload, id: Envelope.id(of: self.payload),
            size: Envelope.byteCount(ofPayload: self.payload.count))
    }

    func signed(by key: SigningKey) -> Envelope { Envelope(payload: payload, key: key) }
}
