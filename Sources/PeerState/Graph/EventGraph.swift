/// What every stored event of one server says about its place: chain, lamport and past.
///
/// - Bounds: one small record per stored event; bodies are not kept here.
package struct EventGraph: Sendable {
    /// One stored event without its body.
    package struct Record: Sendable {
        package let author: Peer.ID
        package let seq: UInt64
        package let lamport: UInt64
        package let kind: UInt64
        /// Setup events in its past, without itself.
        package let past: Past
        /// The same with itself.
        package let pastAndSelf: Past
        package let edges: [Event.ID]
        package let isVoid: Bool
    }

    /// The events of one author, in order of seq.
    package struct Chain: Sendable {
        package fileprivate(set) var ids: [Event.ID] = []
        /// wall⁺ of the head (PROTOCOL 3.3).
        package fileprivate(set) var wallPlus: UInt64 = 0

        /// In place: a copy of a long chain for each event would make a history quadratic.
        fileprivate mutating func append(_ event: Event) {
            precondition(UInt64(ids.count) + 1 == event.seq, "inserted out of chain order")
            ids.append(event.id)
            wallPlus = max(wallPlus, event.wallMilliseconds)
        }
    }

    package private(set) var records: [Event.ID: Record] = [:]
    package private(set) var chains: [Peer.ID: Chain] = [:]
    /// Admissible events that no other admissible event points at.
    package private(set) var tips: Set<Event.ID> = []
    package private(set) var frontiers = FrontierTable()
    /// Every setup event stored.
    package private(set) var all = Past.empty

    package init() {}

    package subscript(id: Event.ID) -> Record? { records[id] }
    package var count: Int { records.count }

    package func head(of author: Peer.ID) -> (seq: UInt64, id: Event.ID)? {
        guard let chain = chains[author], let id = chain.ids.last else { return nil }
        return (UInt64(chain.ids.count), id)
    }

    package func event(of author: Peer.ID, seq: UInt64) -> Event.ID? {
        guard seq >= 1, let ids = chains[author]?.ids, seq <= UInt64(ids.count) else { return nil }
        return ids[Int(seq - 1)]
    }

    /// 1 + the largest lamport among the edges; 1 without any.
    ///
    /// - Precondition: all edges are stored.
    package func lamport(over edges: [Event.ID]) -> UInt64 {
        var largest: UInt64 = 0
        for edge in edges { largest = max(largest, records[edge]?.lamport ?? 0) }
        return largest + 1
    }

    /// The setup events in the past of something with these edges.
    package mutating func past(over edges: [Event.ID]) -> Past {
        var result = Past.empty
        for edge in edges {
            if let record = records[edge] { result = frontiers.join(result, record.pastAndSelf) }
        }
        return result
    }

    package func isInPast(_ id: Event.ID, _ past: Past) -> Bool {
        guard let record = records[id] else { return false }
        return frontiers.contains(record.author, record.seq, in: past)
    }

    /// Adds an event whose edges are all here and whose (author, seq) is the next of its chain.
    package mutating func insert(_ event: Event, past: Past, isVoid: Bool) {
        let edges = event.edges
        let pastAndSelf =
            EventKinds.isSetup(event.kind)
            ? frontiers.adding(event.author, event.seq, to: past) : past
        all = frontiers.join(all, pastAndSelf)
        records[event.id] = Record(
            author: event.author, seq: event.seq, lamport: event.lamport, kind: event.kind,
            past: past, pastAndSelf: pastAndSelf, edges: edges, isVoid: isVoid)
        chains[event.author, default: Chain()].append(event)
        guard !isVoid else { return }
        for edge in edges { tips.remove(edge) }
        tips.insert(event.id)
    }

    /// Whether `id` is reachable through edges, by walking back no lower than its lamport.
    ///
    /// Only proofs that are no setup event need it; honest events never do.
    package func isReachable(_ id: Event.ID, from edges: [Event.ID]) -> Bool {
        guard let floor = records[id]?.lamport else { return false }
        var seen: Set<Event.ID> = []
        var work = edges
        while let next = work.popLast() {
            if next == id { return true }
            guard let record = records[next], record.lamport > floor, seen.insert(next).inserted
            else { continue }
            work.append(contentsOf: record.edges)
        }
        return false
    }
}
