import PeerState

extension SyncMessage {
    /// The number that begins the frame.
    package var type: UInt64 {
        switch self {
        case .hello: SyncFrameType.hello.rawValue
        case .headsDelta: SyncFrameType.headsDelta.rawValue
        case .headAsk: SyncFrameType.headAsk.rawValue
        case .headFull: SyncFrameType.headFull.rawValue
        case .want: SyncFrameType.want.rawValue
        case .preSync: SyncFrameType.preSync.rawValue
        case .events: SyncFrameType.events.rawValue
        case .credit: SyncFrameType.credit.rawValue
        case .forkProof: SyncFrameType.forkProof.rawValue
        case .iHave: SyncFrameType.iHave.rawValue
        case .graft: SyncFrameType.graft.rawValue
        case .prune: SyncFrameType.prune.rawValue
        case .reject: SyncFrameType.reject.rawValue
        case .peers: SyncFrameType.peers.rawValue
        case .joinAsk: SyncFrameType.joinAsk.rawValue
        case .joinAnswer: SyncFrameType.joinAnswer.rawValue
        case .push: SyncFrameType.push.rawValue
        case .stateAsk: SyncFrameType.stateAsk.rawValue
        case .stateTell: SyncFrameType.stateTell.rawValue
        case .offer: SyncFrameType.offer.rawValue
        case .neg: SyncFrameType.neg.rawValue
        case .negNeed: SyncFrameType.negNeed.rawValue
        case .ephemeral: SyncFrameType.ephemeral.rawValue
        case .view(_, let message): message.frameType.rawValue
        case .blob(let message): message.frameType.rawValue
        case .unsupported(let type): type
        }
    }

    /// The frame as it travels.
    package var bytes: [UInt8] {
        var frame = FrameWriter(type: type)
        switch self {
        case .headsDelta, .headAsk, .headFull: writeHeads(to: &frame)
        case .hello, .stateAsk, .stateTell: writeComparison(to: &frame)
        case .want, .preSync, .events, .credit, .forkProof, .push, .offer:
            writeTransfer(to: &frame)
        case .iHave, .graft, .prune: writeGossip(to: &frame)
        case .neg(let server, let neg): frame.neg(server, neg)
        case .negNeed(let server, let exchange, let ids): frame.negNeed(server, exchange, ids)
        case .ephemeral(let message): message.write(to: &frame)
        case .view(let server, let message): frame.view(server, message)
        case .blob(let message): frame.blob(message)
        case .reject, .peers, .joinAsk, .joinAnswer, .unsupported: writeRest(to: &frame)
        }
        return frame.bytes
    }

    private func writeComparison(to frame: inout FrameWriter) {
        switch self {
        case .hello(let server, let hello):
            frame.begin(server, 6)
            frame.writer.identifier(hello.digest)
            frame.writer.unsigned(hello.authors)
            frame.writer.unsigned(hello.events)
            frame.writer.byteString(hello.incarnation)
            frame.writer.unsigned(hello.foldVersion)
            frame.writer.unsigned(hello.confirmed)
        case .stateAsk(let server, let nonce, let wantSections):
            frame.begin(server, 2)
            frame.writer.unsigned(nonce)
            frame.writer.bool(wantSections)
        case .stateTell(let server, let tell):
            frame.begin(server, 5)
            frame.writer.unsigned(tell.nonce)
            frame.writer.identifier(tell.digest)
            frame.writer.unsigned(tell.events)
            frame.writer.identifier(tell.stateHash)
            frame.writer.optional(tell.sections) { $0.encoded($1) }
        default: break
        }
    }

    private func writeHeads(to frame: inout FrameWriter) {
        switch self {
        case .headsDelta(let server, let delta):
            frame.begin(server, 4)
            frame.writer.optional(delta.base) { $0.unsigned($1) }
            frame.writer.unsigned(delta.serial)
            frame.writer.array(delta.entries.count)
            for entry in delta.entries {
                frame.writer.array(3)
                frame.handle(entry.handle)
                frame.writer.unsigned(entry.seq)
                frame.handle(entry.prefix)
            }
            frame.writer.bool(delta.hasMore)
        case .headAsk(let server, let handles):
            frame.begin(server, 1)
            frame.writer.array(handles.count)
            for handle in handles { frame.handle(handle) }
        case .headFull(let server, let heads):
            frame.begin(server, 1)
            frame.writer.array(heads.count)
            for entry in heads {
                frame.writer.array(3)
                frame.writer.identifier(entry.author)
                frame.writer.unsigned(entry.head.seq)
                frame.writer.identifier(entry.head.id)
            }
        default: break
        }
    }

    private func writeGossip(to frame: inout FrameWriter) {
        switch self {
        case .iHave(let server, let events):
            frame.begin(server, 1)
            frame.writer.array(events.count)
            for event in events {
                frame.writer.array(4)
                frame.writer.identifier(event.id)
                frame.handle(event.handle)
                frame.writer.unsigned(event.seq)
                frame.writer.unsigned(event.round)
            }
        case .graft(let server, let id, let range):
            frame.begin(server, 2)
            frame.writer.optional(id) { $0.identifier($1) }
            if let range { frame.range(range) } else { frame.writer.null() }
        case .prune(let server, let seconds):
            frame.begin(server, 1)
            frame.writer.unsigned(seconds)
        default: break
        }
    }

    private func writeTransfer(to frame: inout FrameWriter) {
        switch self {
        case .want(let server, let id, let ranges, let credit):
            frame.begin(server, 3)
            frame.writer.unsigned(id)
            frame.writer.array(ranges.count)
            for range in ranges { frame.range(range) }
            frame.writer.unsigned(credit)
        case .preSync(let server, let id, let events, let bytes):
            frame.begin(server, 3)
            frame.writer.unsigned(id)
            frame.writer.unsigned(events)
            frame.writer.unsigned(bytes)
        case .events(let server, let id, let envelopes, let isLast):
            frame.begin(server, 3)
            frame.writer.unsigned(id)
            frame.byteStrings(envelopes)
            frame.writer.bool(isLast)
        case .credit(let id, let bytes):
            frame.begin(2)
            frame.writer.unsigned(id)
            frame.writer.unsigned(bytes)
        case .forkProof(let server, let first, let second):
            frame.begin(server, 2)
            frame.writer.byteString(first)
            frame.writer.byteString(second)
        case .push(let server, let round, let envelope):
            frame.begin(server, 2)
            frame.writer.unsigned(round)
            frame.writer.byteString(envelope)
        case .offer(let server, let envelopes):
            frame.begin(server, 1)
            frame.byteStrings(envelopes)
        default: break
        }
    }

    private func writeRest(to frame: inout FrameWriter) {
        switch self {
        case .reject(let reject): frame.reject(reject)
        case .peers(let server, let entries):
            frame.begin(server, 1)
            frame.contacts(entries)
        case .joinAsk(let server, let ask):
            frame.begin(server, 3)
            frame.writer.identifier(ask.link)
            frame.writer.identifier(ask.target)
            frame.writer.byteString(ask.claim.bytes)
        case .joinAnswer(let server, let answer):
            frame.begin(server, 4)
            frame.writer.identifier(answer.link)
            frame.writer.unsigned(answer.status.rawValue)
            frame.writer.optional(answer.code) { $0.text($1) }
            frame.writer.optional(answer.envelope) { $0.byteString($1) }
        case .unsupported: frame.begin(0)
        default: break
        }
    }
}
