/// What a checkpoint knows about events that are applied again: whom they concerned when they came.
///
/// Finding that anew would decide every lowering of that moment again.
struct Remade: Sendable {
    /// Of proposals the electorate, of rotations those who were given the key.
    var people: [Slot: [Peer.ID]] = [:]
    /// Of rotations the box of the peer whose state it is.
    var boxes: [Slot: [UInt8]] = [:]

    init() {}

    init(of state: ServerState) {
        for (slot, proposal) in state.authority.proposals { people[slot] = proposal.electorate }
        for epoch in state.epochs.values {
            guard let slot = state.graph.slot(of: Event.ID(epoch.id)) else { continue }
            people[slot] = epoch.rotationRecipients.sorted()
            boxes[slot] = epoch.viewerBox
        }
    }

    func write(to writer: inout PartWriter, _ graph: EventGraph) {
        writer.count(people.count)
        for slot in people.keys.sorted() {
            writer.slot(slot)
            let peers = people[slot] ?? []
            writer.count(peers.count)
            for peer in peers {
                let number = graph.number(of: peer)?.index ?? -1
                writer.number(number)
                if number < 0 { writer.identifier(peer) }
            }
        }
        writer.count(boxes.count)
        for slot in boxes.keys.sorted() {
            writer.slot(slot)
            writer.count(boxes[slot]?.count ?? 0)
            writer.column(boxes[slot] ?? [])
        }
    }

    init(from reader: inout PartReader, _ authors: [Peer.ID], count: Int) throws(StoreFailure) {
        for _ in 0..<(try reader.count(eachAtLeast: 8)) {
            let slot = try reader.slot(below: count)
            var peers: [Peer.ID] = []
            for _ in 0..<(try reader.count(eachAtLeast: 4)) {
                let number = try reader.number(Int32.self)
                guard number < authors.count else { throw PartReader.wrong("an author") }
                peers.append(try number < 0 ? reader.identifier() : authors[Int(number)])
            }
            people[slot] = peers
        }
        for _ in 0..<(try reader.count(eachAtLeast: 8)) {
            let slot = try reader.slot(below: count)
            let size = try reader.count(eachAtLeast: 1)
            boxes[slot] = try reader.column(UInt8.self, count: size)
        }
    }
}
