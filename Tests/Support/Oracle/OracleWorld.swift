import PeerState

/// Every event taken so far, each with its past and its final verdict; views fold subsets of it.
///
/// Numbers are places in the order of taking, which is causal.
final class OracleWorld {
    enum Outcome: Equatable {
        case taken(Int)
        case dropped(String)
        /// Something it points at is not here.
        case waiting
    }

    let server: Event.ID
    let limits: OracleLimits
    /// True for the made-up ops of `removal.json`: steps 6 to 12 are skipped, strangers stay.
    let isAbstract: Bool
    /// Forks that are known from their proofs, whether or not both events are here (F1).
    let proofs: [ForkPoint]
    private(set) var events: [OracleEvent] = []
    private(set) var numbers: [Event.ID: Int] = [:]
    private(set) var past: [OracleBits] = []
    /// The event and its ancestors through `prev` alone.
    private(set) var chain: [OracleBits] = []
    /// What the event stands and falls with: itself, its proofs, the issue of an admission, the
    /// proposal of an enact, and what those rest on.
    private(set) var rests: [OracleBits] = []
    private(set) var wallPlus: [UInt64] = []
    /// Why it is inadmissible, once decided.
    private(set) var refusal: [String?] = []
    /// For each permission it needed, the sources its author had.
    private(set) var needs: [[OracleNeed]] = []
    /// All numbers in canonical order.
    private(set) var canonical: [Int] = []
    private var views: [Int: OracleView] = [:]

    init(
        server: Event.ID, limits: OracleLimits, isAbstract: Bool = false, proofs: [ForkPoint] = []
    ) {
        self.proofs = proofs
        self.server = server
        self.limits = limits
        self.isAbstract = isAbstract
    }

    func number(_ id: Event.ID?) -> Int? { id.flatMap { numbers[$0] } }
    func prev(_ number: Int) -> Int? { self.number(events[number].prev) }
    func proof(_ number: Int) -> Int? { self.number(events[number].proof) }

    /// The state of the event's own past.
    func viewBefore(_ number: Int) -> OracleView {
        if let view = views[number] { return view }
        let view = OracleView.fold(self, set: past[number], known: past[number])
        views[number] = view
        return view
    }

    func inCanonicalOrder(_ set: OracleBits) -> [Int] { canonical.filter { set.contains($0) } }

    func precedes(_ left: Int, _ right: Int) -> Bool {
        let a = events[left]
        let b = events[right]
        if a.lamport != b.lamport { return a.lamport < b.lamport }
        if a.author != b.author { return a.author < b.author }
        if a.seq != b.seq { return a.seq < b.seq }
        return a.id < b.id
    }

    /// Steps 6 and 9 to 13 of 3.6.
    ///
    /// - Parameter view: the state of its past, when the caller has it.
    func take(_ event: OracleEvent, in view: OracleView? = nil) -> Outcome {
        if let known = numbers[event.id] { return .taken(known) }
        if !isAbstract, let code = wrongServer(event) { return .dropped(code) }
        if let prev = event.prev {
            guard let number = numbers[prev] else { return .waiting }
            let before = events[number]
            guard before.author == event.author, before.seq + 1 == event.seq else {
                return .dropped("badChain")
            }
        }
        guard let edges = edgeNumbers(event) else { return .waiting }
        let lamport = (edges.map { events[$0].lamport }.max() ?? 0) + 1
        let event = isAbstract ? event.at(lamport: lamport) : event
        guard event.lamport == lamport else { return .dropped("badLamport") }
        var past = OracleBits()
        for edge in edges {
            past.formUnion(self.past[edge])
            past.insert(edge)
        }
        if !isAbstract, let proof = event.proof {
            guard let number = numbers[proof], past.contains(number) else {
                return .dropped("badProof")
            }
        }
        let number = append(event, past: past)
        if let view, view.set == past { views[number] = view }
        return judge(number)
    }

    private func wrongServer(_ event: OracleEvent) -> String? {
        if event.kind == 0 { return event.id == server ? nil : "duplicateCreate" }
        return event.server == Server.ID(server) ? nil : "wrongServer"
    }

    private func append(_ event: OracleEvent, past: OracleBits) -> Int {
        let number = events.count
        let before = self.number(event.prev)
        events.append(event)
        numbers[event.id] = number
        self.past.append(past)
        var chain = before.map { self.chain[$0] } ?? OracleBits()
        chain.insert(number)
        self.chain.append(chain)
        wallPlus.append(max(event.wall, before.map { wallPlus[$0] } ?? 0))
        var rests = OracleBits()
        rests.insert(number)
        let issue = event.kind == 42 || event.kind == 33 ? event.event(0) : nil
        for other in [self.number(event.proof), self.number(issue)].compactMap({ $0 })
        where past.contains(other) {
            rests.formUnion(self.rests[other])
        }
        self.rests.append(rests)
        refusal.append(nil)
        needs.append([])
        let place = canonical.firstIndex { precedes(number, $0) } ?? canonical.endIndex
        canonical.insert(number, at: place)
        return number
    }

    private func judge(_ number: Int) -> Outcome {
        let rules = OracleRules(self, number)
        if let code = rules.refusal() {
            if code == "notMember", !isAbstract, rules.isStranger {
                removeLast(number)
                return .dropped(code)
            }
            refusal[number] = code
        } else {
            needs[number] = rules.needs()
        }
        return .taken(number)
    }

    /// What `take` would say, without keeping the event; `view` is the state of its past if known.
    func refusalOnTrial(_ event: OracleEvent, in view: OracleView) -> String? {
        guard numbers[event.id] == nil, let edges = edgeNumbers(event) else { return "waiting" }
        var past = OracleBits()
        for edge in edges {
            past.formUnion(self.past[edge])
            past.insert(edge)
        }
        let number = append(event, past: past)
        if past == view.set { views[number] = view }
        let code = OracleRules(self, number).refusal()
        removeLast(number)
        return code
    }

    private func edgeNumbers(_ event: OracleEvent) -> [Int]? {
        let edges = event.edges.compactMap { numbers[$0] }
        return edges.count == event.edges.count ? edges : nil
    }

    private func removeLast(_ number: Int) {
        numbers[events[number].id] = nil
        views[number] = nil
        events.removeLast()
        past.removeLast()
        chain.removeLast()
        rests.removeLast()
        wallPlus.removeLast()
        refusal.removeLast()
        needs.removeLast()
        canonical.removeAll { $0 == number }
    }
}
