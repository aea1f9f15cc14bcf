import PeerState

/// The fold of one set of events: who is what, and which events are in force.
///
/// - Source: PROTOCOL 5. One value is one round of 5.8; `fold` runs the two rounds.
final class OracleView {
    let world: OracleWorld
    let set: OracleBits
    /// The set and the loose events beside it, which only say where a fork is.
    let known: OracleBits
    /// Forks that proofs show, whatever is known beside them.
    let proven: [Peer.ID: UInt64]
    /// New pins of lowerings, from the first round.
    let extends: [(lowering: Int, pin: Int)]
    /// Confirms in force in the first round.
    let confirms: [Int]
    /// The set in canonical order.
    let ordered: [Int]

    /// Why an admissible event is void, by number.
    var void = OracleReasons()
    /// Where F3 applies, after pins.
    var forkPoint: [Peer.ID: UInt64] = [:]
    /// The lowest seq with two events.
    var rawFork: [Peer.ID: UInt64] = [:]
    /// The owners in turn, each with the event that made him owner.
    var owners: [(peer: Peer.ID, grant: Int)] = []
    var accepted: [Int] = []
    /// The grant each active member acts under.
    var active: [Peer.ID: Int] = [:]
    /// What is in force, by kind, in canonical order.
    private(set) var force: [UInt64: [Int]] = [:]

    /// - Parameter proven: the lowest forks that proofs show; none for a past.
    static func fold(
        _ world: OracleWorld, set: OracleBits, known: OracleBits, proven: [Peer.ID: UInt64] = [:]
    ) -> OracleView {
        let first = OracleView(
            world, set: set, known: known, proven: proven, extends: [], confirms: [])
        let extends = first.inForce(14).compactMap { number -> (lowering: Int, pin: Int)? in
            let event = world.events[number]
            guard let lowering = world.number(event.event(0)),
                let pin = world.number(event.event(2))
            else { return nil }
            return (lowering, pin)
        }
        let confirms = first.inForce(15)
        if extends.isEmpty && confirms.isEmpty { return first }
        return OracleView(
            world, set: set, known: known, proven: proven, extends: extends, confirms: confirms)
    }

    private init(
        _ world: OracleWorld, set: OracleBits, known: OracleBits, proven: [Peer.ID: UInt64],
        extends: [(lowering: Int, pin: Int)], confirms: [Int]
    ) {
        self.world = world
        self.set = set
        self.known = known
        self.proven = proven
        self.extends = extends
        self.confirms = confirms
        ordered = world.inCanonicalOrder(set)
        voidForks()
        findOwners()
        accepted = acceptedRemovals()
        voidMembership()
        voidCut()
        voidAdmissions()
        for number in ordered where isInForce(number) {
            force[world.events[number].kind, default: []].append(number)
        }
        findActive()
    }

    func event(_ number: Int) -> OracleEvent { world.events[number] }

    func isAdmissible(_ number: Int) -> Bool {
        set.contains(number) && world.refusal[number] == nil
    }

    func isInForce(_ number: Int) -> Bool {
        isAdmissible(number) && !void.numbers.contains(number)
    }

    func inForce(_ kind: UInt64) -> [Int] { force[kind] ?? [] }

    func inForce(_ kinds: [UInt64]) -> [Int] {
        kinds.flatMap { inForce($0) }.sorted { world.precedes($0, $1) }
    }

    /// The number of an event of this kind that is in force here.
    func thing(_ id: Event.ID?, kind: UInt64) -> Int? {
        guard let number = world.number(id), isInForce(number), event(number).kind == kind else {
            return nil
        }
        return number
    }

    /// Voids what rests on something void.
    func voidResting() {
        for number in ordered where isInForce(number) {
            if world.rests[number].meets(void.numbers) { void[number] = "voidedProof" }
        }
    }

    var owner: Peer.ID? { owners.last?.peer }

    func level(_ peer: Peer.ID) -> Int? {
        active[peer].map { world.level(of: $0, for: peer) }
    }

    func key(_ peer: Peer.ID) -> OracleSeniority? {
        active[peer].map { world.grantKey($0, for: peer) }
    }
}
