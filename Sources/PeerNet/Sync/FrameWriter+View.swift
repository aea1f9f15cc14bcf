import PeerState

extension ViewMessage {
    var frameType: SyncFrameType {
        switch self {
        case .join: .join
        case .forwardJoin: .forwardJoin
        case .neighbor: .neighbor
        case .neighborReply: .neighborReply
        case .disconnect: .disconnect
        case .shuffle: .shuffle
        case .shuffleReply: .shuffleReply
        }
    }
}

extension FrameWriter {
    mutating func view(_ server: Server.ID, _ message: ViewMessage) {
        switch message {
        case .join(let member):
            begin(server, 1)
            writer.identifier(member)
        case .forwardJoin(let contact, let ttl):
            begin(server, 3)
            writer.identifier(contact.peer)
            addresses(contact.addresses)
            writer.unsigned(ttl)
        case .neighbor(let isHigh):
            begin(server, 1)
            writer.unsigned(isHigh ? 1 : 0)
        case .neighborReply(let isYes), .disconnect(let isYes):
            begin(server, 1)
            writer.bool(isYes)
        case .shuffle(let origin, let ttl, let list):
            begin(server, 3)
            writer.identifier(origin)
            writer.unsigned(ttl)
            contacts(list)
        case .shuffleReply(let list):
            begin(server, 1)
            contacts(list)
        }
    }

    mutating func neg(_ server: Server.ID, _ neg: SyncMessage.Neg) {
        begin(server, 4)
        switch neg.scope {
        case .heads: writer.unsigned(0)
        case .events: writer.unsigned(1)
        case .author(let author):
            writer.array(2)
            writer.unsigned(2)
            writer.identifier(author)
        case .channel(let channel):
            writer.array(2)
            writer.unsigned(3)
            writer.identifier(channel)
        case .unknown(let item): writer.encoded(item)
        }
        writer.unsigned(neg.exchange)
        writer.optional(neg.salt) { $0.byteString($1) }
        writer.byteString(neg.bytes)
    }

    mutating func negNeed(_ server: Server.ID, _ exchange: UInt64, _ ids: [NegID]) {
        begin(server, 2)
        writer.unsigned(exchange)
        writer.array(ids.count)
        for id in ids { writer.byteString(id.bytes) }
    }

    mutating func contacts(_ contacts: [SyncMessage.PeerAddresses]) {
        writer.array(contacts.count)
        for contact in contacts {
            writer.array(2)
            writer.identifier(contact.peer)
            addresses(contact.addresses)
        }
    }

    private mutating func addresses(_ addresses: [String]) {
        writer.array(addresses.count)
        for address in addresses { writer.text(address) }
    }
}
