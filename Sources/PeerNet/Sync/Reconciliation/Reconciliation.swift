import PeerState

/// Finds the difference of two sets in a few messages, by comparing sums of ranges.
///
/// Each side has one, over its own items; nothing but messages travels between them, and none
/// depends on the ones before.
/// - Source: PROTOCOL 9.3, protocol version 1 of Negentropy.
package struct Reconciliation: Sendable {
    package enum Role: Sendable { case initiator, responder }

    /// What one message led to.
    package struct Step: Hashable, Sendable {
        /// The answer; nil when the initiator is done. A responder always answers.
        package var reply: [UInt8]?
        /// What only this side has; told to the initiator alone.
        package var have: [NegID] = []
        /// What only the other side has; told to the initiator alone.
        package var need: [NegID] = []
    }

    package let items: NegItems
    package let role: Role
    private let frameLimit: Int

    /// - Parameter frameLimit: bytes of a message, at least 4,096; the first one ignores it.
    package init(items: NegItems, role: Role, frameLimit: Int = Limits.maxNegBytes) {
        precondition(frameLimit >= 4_096, "a frame has room for one split")
        self.items = items
        self.role = role
        self.frameLimit = frameLimit
    }

    /// Reads an initiator's first message without comparing it with anything.
    ///
    /// Names are made of everything here, so what is no message is not worth them.
    /// - Errors: `badNeg`.
    static func check(_ message: [UInt8]) throws(NetFailure) {
        var reader = NegReader(message)
        let version = try reader.byte()
        guard version == NegReader.version else {
            guard NegReader.versions.contains(version) else {
                throw NetFailure(.badNeg, "version \(version)")
            }
            return
        }
        var previous = NegBound.start
        while !reader.isAtEnd {
            let bound = try reader.bound()
            guard previous.place <= bound.place else {
                throw NetFailure(.badNeg, "bounds out of order")
            }
            previous = bound
            switch try reader.mode() {
            case .skip: break
            case .fingerprint: _ = try reader.fingerprint()
            case .idList: _ = try reader.idList()
            }
        }
    }

    /// The initiator's first message.
    package func start() -> [UInt8] {
        var pass = ReconciliationPass(items: items, role: role, frameLimit: .max)
        pass.split(0..<items.count, to: .infinity)
        return pass.bytes
    }

    /// Answers one message.
    ///
    /// - Errors: `badNeg`; the link is penalised.
    package func answer(_ message: [UInt8]) throws(NetFailure) -> Step {
        var reader = NegReader(message)
        let version = try reader.byte()
        guard version == NegReader.version else {
            guard role == .responder, NegReader.versions.contains(version) else {
                throw NetFailure(.badNeg, "version \(version)")
            }
            return Step(reply: [NegReader.version])
        }
        var pass = ReconciliationPass(items: items, role: role, frameLimit: frameLimit)
        while !reader.isAtEnd && !pass.isFull { try pass.range(&reader) }
        let isDone = role == .initiator && pass.bytes.count == 1
        return Step(reply: isDone ? nil : pass.bytes, have: pass.have, need: pass.need)
    }
}
