import PeerState

extension SyncMessage {
    /// Reads one frame; elements beyond those listed are ignored.
    ///
    /// - Parameter frame: bytes that `CBORScan` found canonical, at most `Limits.maxFrame`.
    /// - Errors: `BadFrame` for a missing element, another type or range, a list above its cap
    ///   (found before anything is allocated) and a type below 64 that is not listed.
    package init(decoding frame: [UInt8]) throws(BadFrame) {
        var reader = FrameReader(frame)
        do throws(Failure<WireCode>) {
            try reader.readType()
            guard let type = SyncFrameType(rawValue: reader.type) else {
                guard reader.type >= SyncFrameType.firstIgnored else {
                    throw Failure(.badField, "frame type")
                }
                self = .unsupported(reader.type)
                return
            }
            if type.beginsWithServer { try reader.readServer() }
            self = try Self.read(type, &reader)
        } catch {
            throw BadFrame(type: reader.type, server: reader.server, reason: error)
        }
    }

    private static func read(
        _ type: SyncFrameType, _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        switch type {
        case .hello: try hello(&frame)
        case .headsDelta: try headsDelta(&frame)
        case .headAsk: try headAsk(&frame)
        case .headFull: try headFull(&frame)
        case .want: try want(&frame)
        case .preSync: try preSync(&frame)
        case .events: try events(&frame)
        case .credit: try credit(&frame)
        case .forkProof: try forkProof(&frame)
        case .iHave: try iHave(&frame)
        case .graft: try graft(&frame)
        case .prune: try prune(&frame)
        case .reject: try reject(&frame)
        case .peers: try peers(&frame)
        case .joinAsk: try joinAsk(&frame)
        case .joinAnswer: try joinAnswer(&frame)
        case .push: try push(&frame)
        case .stateAsk: try stateAsk(&frame)
        case .stateTell: try stateTell(&frame)
        case .offer: try offer(&frame)
        case .neg: try neg(&frame)
        case .negNeed: try negNeed(&frame)
        case .ephemeral: .ephemeral(try EphemeralFrame(from: &frame))
        case .join, .forwardJoin, .neighbor, .neighborReply, .disconnect, .shuffle, .shuffleReply:
            try view(type, &frame)
        case .blobWant: try blobWant(&frame)
        case .blobData: try blobData(&frame)
        case .blobNone: try blobNone(&frame)
        case .ping, .pong, .bye, .rekey,
            .relayBind, .relayOpen, .relayReady, .relayData, .relayClose, .relayRefuse:
            .unsupported(type.rawValue)
        }
    }
}

// Heads and state
extension SyncMessage {
    private static func hello(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 6)
        let digest: Digest.Value = try frame.reader.identifier("digest")
        let authors = try frame.reader.unsigned("authors")
        let events = try frame.reader.unsigned("events")
        let incarnation = try frame.reader.byteString(exactly: 16, "incarnation")
        let foldVersion = try frame.reader.unsigned("fold version")
        let confirmed = try frame.reader.unsigned("confirmed serial")
        return .hello(
            server,
            Hello(
                digest: digest, authors: authors, events: events, incarnation: incarnation,
                foldVersion: foldVersion, confirmed: confirmed))
    }

    private static func headsDelta(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 4)
        let base = try frame.reader.isNull() ? nil : try frame.reader.unsigned("base")
        let serial = try frame.reader.unsigned("serial")
        let entries = try frame.list(max: Limits.maxHeadsPerFrame, "heads") {
            frame throws(Failure<WireCode>) in
            try frame.tuple(3)
            return HeadsDelta.Entry(
                handle: try frame.handle(), seq: try frame.seq(), prefix: try frame.handle())
        }
        let hasMore = try frame.reader.bool("more")
        return .headsDelta(
            server, HeadsDelta(base: base, serial: serial, entries: entries, hasMore: hasMore))
    }

    private static func headAsk(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 1)
        let handles = try frame.list(max: Limits.maxFullHeads, "handles") {
            frame throws(Failure<WireCode>) in try frame.handle()
        }
        return .headAsk(server, handles: handles)
    }

    private static func headFull(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 1)
        let heads = try frame.list(max: Limits.maxFullHeads, "full heads") {
            frame throws(Failure<WireCode>) in
            try frame.tuple(3)
            let author: Peer.ID = try frame.reader.identifier("author")
            let seq = try frame.seq()
            return FullHead(author: author, head: Head(seq: seq, id: try frame.reader.identifier()))
        }
        return .headFull(server, heads)
    }

    private static func stateAsk(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 2)
        let nonce = try frame.reader.unsigned("nonce")
        return .stateAsk(
            server, nonce: nonce, wantSections: try frame.reader.bool("want sections"))
    }

    private static func stateTell(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 5)
        let nonce = try frame.reader.unsigned("nonce")
        let digest: Digest.Value = try frame.reader.identifier("digest")
        let events = try frame.reader.unsigned("events")
        let hash: Digest.Value = try frame.reader.identifier("state hash")
        return .stateTell(
            server,
            StateTell(
                nonce: nonce, digest: digest, events: events, stateHash: hash,
                sections: try frame.sections()))
    }
}

// Transfer
extension SyncMessage {
    private static func want(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 3)
        let id = try frame.reader.unsigned(in: 1...UInt64.max, "want id")
        let ranges = try frame.list(max: Limits.maxWantRanges, "ranges") {
            frame throws(Failure<WireCode>) in try frame.range()
        }
        let window = UInt64(Limits.creditWindow)
        let credit = try frame.reader.unsigned(in: window...window, "credit")
        return .want(server, id: id, ranges, credit: credit)
    }

    private static func preSync(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 3)
        let id = try frame.reader.unsigned("want id")
        let events = try frame.reader.unsigned("events")
        return .preSync(server, id: id, events: events, bytes: try frame.reader.unsigned("bytes"))
    }

    private static func events(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 3)
        let id = try frame.reader.unsigned("want id")
        let envelopes = try frame.envelopes(max: Limits.eventsPerFrame)
        return .events(server, id: id, envelopes, isLast: try frame.reader.bool("last"))
    }

    private static func credit(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        try frame.expect(2)
        let id = try frame.reader.unsigned("want id")
        return .credit(id: id, bytes: try frame.reader.unsigned("bytes"))
    }

    private static func forkProof(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 2)
        let first = try frame.reader.byteString("envelope")
        return .forkProof(server, first, try frame.reader.byteString("envelope"))
    }

    private static func push(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 2)
        let round = try frame.reader.unsigned("round")
        return .push(server, round: round, try frame.reader.byteString("envelope"))
    }

    private static func offer(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 1)
        return .offer(server, try frame.envelopes(max: Limits.offerEnvelopes))
    }
}

// Gossip, refusals, peers and joining
extension SyncMessage {
    private static func iHave(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 1)
        let events = try frame.list(max: Limits.maxIHave, "announced events") {
            frame throws(Failure<WireCode>) in
            try frame.tuple(4)
            return Announced(
                id: try frame.reader.identifier("id"), handle: try frame.handle(),
                seq: try frame.seq(), round: try frame.reader.unsigned("round"))
        }
        return .iHave(server, events)
    }

    private static func graft(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 2)
        let id: Event.ID? = try frame.reader.optionalIdentifier("id")
        let range = try frame.reader.isNull() ? nil : try frame.range()
        return .graft(server, id, range)
    }

    private static func prune(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 1)
        let seconds = try frame.reader.unsigned(in: 0...Limits.pruneSeconds, "backoff")
        return .prune(server, backoffSeconds: seconds)
    }

    private static func reject(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        try frame.expect(5)
        let server: Server.ID? = try frame.reader.optionalIdentifier("server")
        let about = try frame.reader.unsigned("about")
        let reference = try frame.reader.isNull() ? nil : try frame.reader.unsigned("reference")
        let code = try frame.reader.text(max: Limits.maxCode, "code")
        let detail = try frame.reader.text(max: Limits.maxDetail, "detail")
        return .reject(
            Reject(server: server, about: about, reference: reference, code: code, detail: detail))
    }

    private static func peers(_ frame: inout FrameReader) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 1)
        return .peers(server, try frame.contacts(max: Limits.peersPerFrame))
    }

    private static func joinAsk(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 3)
        let link: Event.ID = try frame.reader.identifier("link id")
        let target: Peer.ID = try frame.reader.identifier("target")
        let bytes = try frame.reader.byteString(exactly: Signature.byteCount, "claim")
        guard let claim = Signature(bytes) else { throw Failure(.badField, "claim") }
        return .joinAsk(server, JoinAsk(link: link, target: target, claim: claim))
    }

    private static func joinAnswer(
        _ frame: inout FrameReader
    ) throws(Failure<WireCode>) -> SyncMessage {
        let server = try frame.server(followedBy: 4)
        let link: Event.ID = try frame.reader.identifier("link id")
        let number = try frame.reader.unsigned("status")
        guard let status = JoinAnswer.Status(rawValue: number) else {
            throw Failure(.badField, "status")
        }
        let code = try frame.reader.isNull() ? nil : try frame.reader.text(max: Limits.maxCode)
        let envelope = try frame.reader.isNull() ? nil : try frame.reader.byteString("envelope")
        return .joinAnswer(
            server, JoinAnswer(link: link, status: status, code: code, envelope: envelope))
    }
}
