import PeerState

// Frames about who is linked with whom, and about reconciliation.
extension SyncMessage {
    static func neg(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 4)
        let scope = try frame.scope()
        let exchange = try frame.reader.unsigned("exchange")
        let salt =
            try frame.reader.isNull()
            ? nil : try frame.reader.byteString(exactly: Limits.negSalt, "salt")
        let bytes = try frame.reader.byteString(max: Limits.maxNegBytes, "message")
        return .neg(server, Neg(scope: scope, exchange: exchange, salt: salt, bytes: bytes))
    }

    static func negNeed(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 2)
        let exchange = try frame.reader.unsigned("exchange")
        let ids = try frame.list(max: Limits.maxNegNeed, "salted ids") {
            frame throws(Failure<WireCode>) in
            NegID(padding: try frame.reader.byteString(exactly: NegID.byteCount, "salted id"))
        }
        return .negNeed(server, exchange: exchange, ids)
    }

    static func view(
        _ type: SyncFrameType, _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        switch type {
        case .join:
            let server = try frame.server(followedBy: 1)
            return .view(server, .join(try frame.reader.identifier("member")))
        case .forwardJoin:
            let server = try frame.server(followedBy: 3)
            let peer: Peer.ID = try frame.reader.identifier("member")
            let contact = PeerAddresses(peer: peer, addresses: try frame.addresses())
            return .view(
                server, .forwardJoin(contact, ttl: try frame.reader.unsigned("ttl")))
        case .neighbor:
            let server = try frame.server(followedBy: 1)
            let priority = try frame.reader.unsigned(in: 0...1, "priority")
            return .view(server, .neighbor(isHigh: priority == 1))
        case .neighborReply:
            let server = try frame.server(followedBy: 1)
            return .view(
                server, .neighborReply(isAccepted: try frame.reader.bool("accepted")))
        case .disconnect:
            let server = try frame.server(followedBy: 1)
            return .view(server, .disconnect(isAlive: try frame.reader.bool("alive")))
        case .shuffle:
            let server = try frame.server(followedBy: 3)
            let origin: Peer.ID = try frame.reader.identifier("origin")
            let ttl = try frame.reader.unsigned("ttl")
            let contacts = try frame.contacts(max: Limits.shuffleList)
            return .view(server, .shuffle(origin: origin, ttl: ttl, contacts))
        default:
            let server = try frame.server(followedBy: 1)
            return .view(server, .shuffleReply(try frame.contacts(max: Limits.shuffleList)))
        }
    }
}

extension FrameReader {
    mutating func addresses() throws(Failure<WireCode>) -> [String] {
        try list(max: Limits.maxAddresses, "addresses") { frame throws(Failure<WireCode>) in
            try frame.reader.text(max: Limits.maxAddress, "address")
        }
    }

    /// Members and where they can be reached.
    mutating func contacts(
        max: Int
    ) throws(Failure<WireCode>) -> [SyncMessage.PeerAddresses] {
        try list(max: max, "members") { frame throws(Failure<WireCode>) in
            try frame.tuple(2)
            let peer: Peer.ID = try frame.reader.identifier("member")
            return SyncMessage.PeerAddresses(peer: peer, addresses: try frame.addresses())
        }
    }

    /// A number, or an array that begins with one; what follows one above 3 is anybody's.
    fileprivate mutating func scope() throws(Failure<WireCode>) -> NegScope {
        var ahead = reader
        let isArray = try ahead.peekMajor() == 4
        if isArray, try ahead.array("scope") == 0 { throw reader.wrong("scope") }
        if try ahead.unsigned("scope") > 3 { return .unknown(try reader.rawItem()) }
        guard isArray else {
            return try reader.unsigned(in: 0...1, "scope") == 0 ? .heads : .events
        }
        try tuple(2)
        return try reader.unsigned(in: 2...3, "scope") == 2
            ? .author(try reader.identifier("author"))
            : .channel(try reader.identifier("channel"))
    }
}
