/// Counts the dear work of what runs inside `counting`, so that a test can hold it to a bound.
///
/// Counts in debug builds alone: elsewhere `note` does nothing.
/// - Source: HOSTILE 3: costs are counted, never timed.
package struct Cost: Equatable, Sendable {
    package enum Work: Sendable { case signatureCheck, hash, agreement, opening, step, candidate }

    package var signatureChecks = 0
    /// BLAKE2b of events, rows and names.
    package var hashes = 0
    /// Scalar multiplications with keys of others.
    package var agreements = 0
    /// Attempts to open a sealed box or a ciphertext of a channel.
    package var openings = 0
    /// Pairs of a removal and what it may void that were looked at to decide between removals.
    package var steps = 0
    /// Edits, reactions and pins that were looked at to say which of them hold.
    package var candidates = 0

    package init() {}

    package static func += (left: inout Cost, right: Cost) {
        left.signatureChecks += right.signatureChecks
        left.hashes += right.hashes
        left.agreements += right.agreements
        left.openings += right.openings
        left.steps += right.steps
        left.candidates += right.candidates
    }

    package static func -= (left: inout Cost, right: Cost) {
        left.signatureChecks -= right.signatureChecks
        left.hashes -= right.hashes
        left.agreements -= right.agreements
        left.openings -= right.openings
        left.steps -= right.steps
        left.candidates -= right.candidates
    }

    #if DEBUG
        package static let isCounted = true
        @TaskLocal private static var counter: Locked<Cost>?
    #else
        package static let isCounted = false
    #endif

    /// What `body` does of all this on this thread of work.
    package static func counting<Result>(
        _ body: () throws -> Result
    ) rethrows -> (result: Result, cost: Cost) {
        #if DEBUG
            let tally = Locked(Cost())
            let result = try $counter.withValue(tally) { try body() }
            return (result, tally.withLock { $0 })
        #else
            return (try body(), Cost())
        #endif
    }

    static func note(_ work: Work) {
        #if DEBUG
            counter?.withLock { $0.add(work) }
        #endif
    }

    private mutating func add(_ work: Work) {
        switch work {
        case .signatureCheck: signatureChecks += 1
        case .hash: hashes += 1
        case .agreement: agreements += 1
        case .opening: openings += 1
        case .step: steps += 1
        case .candidate: candidates += 1
        }
    }
}
