package import PeerState

extension SyncMessage {
    /// The server it speaks of; nil for Credit, for a Reject of a frame that named none, and for
    /// what is not read.
    package var server: Server.ID? {
        switch self {
        case .hello(let server, _), .headsDelta(let server, _), .headAsk(let server, _),
            .headFull(let server, _), .want(let server, _, _, _), .preSync(let server, _, _, _),
            .events(let server, _, _, _), .forkProof(let server, _, _), .iHave(let server, _),
            .graft(let server, _, _), .prune(let server, _), .peers(let server, _),
            .joinAsk(let server, _), .joinAnswer(let server, _), .push(let server, _, _),
            .stateAsk(let server, _, _), .stateTell(let server, _), .offer(let server, _),
            .neg(let server, _), .negNeed(let server, _, _), .view(let server, _):
            server
        case .reject(let reject): reject.server
        case .ephemeral(let frame): frame.server
        case .blob(let message): message.server
        case .credit, .unsupported: nil
        }
    }

    /// The want id, exchange or nonce by which a Reject about this frame names it.
    var reference: UInt64? {
        switch self {
        case .want(_, let id, _, _), .preSync(_, let id, _, _), .events(_, let id, _, _): id
        case .stateAsk(_, let nonce, _): nonce
        case .neg(_, let neg): neg.exchange
        case .negNeed(_, let exchange, _): exchange
        case .stateTell(_, let tell): tell.nonce
        case .blob(let message): message.id
        default: nil
        }
    }

    /// The answer to this frame with `code`, the same bytes whatever is known of its server.
    func refusal(_ code: String) -> SyncMessage {
        .reject(Reject(server: server, about: type, reference: reference, code: code))
    }
}
