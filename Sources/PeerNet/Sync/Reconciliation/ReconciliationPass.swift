import PeerState

/// The work on one received message, range by range.
struct ReconciliationPass {
    private static let buckets = 16

    private let items: NegItems
    private let role: Reconciliation.Role
    /// Bytes after which a message is closed.
    private let budget: Int
    private var writer = NegWriter()
    /// The end of ranges that need no word and are not written yet.
    private var heldSkip: NegBound?
    private var previous = NegBound.start
    private var lower = 0
    /// Whether the message is closed; the rest of the received ranges is not looked at.
    private(set) var isFull = false
    private(set) var have: [NegID] = []
    private(set) var need: [NegID] = []

    init(items: NegItems, role: Reconciliation.Role, frameLimit: Int) {
        self.items = items
        self.role = role
        budget = frameLimit - Limits.negReserve
    }

    /// Skips at the end are left out: what is missing means the same.
    var bytes: [UInt8] { writer.bytes }

    mutating func range(_ reader: inout NegReader) throws(NetFailure) {
        let bound = try reader.bound()
        guard previous.place <= bound.place else {
            throw NetFailure(.badNeg, "bounds out of order")
        }
        let upper = items.firstIndex(notBelow: bound, from: lower)
        switch try reader.mode() {
        case .skip: heldSkip = bound
        case .fingerprint:
            if try reader.fingerprint() == items.fingerprint(lower..<upper)[...] {
                heldSkip = bound
            } else {
                answerDifference(upper, bound)
            }
        case .idList:
            let ids = try reader.idList()
            if role == .initiator {
                compare(ids, items[lower..<upper])
                heldSkip = bound
            } else {
                answerList(upper, bound)
            }
        }
        lower = upper
        previous = bound
    }

    /// Writes a range as ids, or as the fingerprints of its parts.
    mutating func split(_ range: Range<Int>, to bound: NegBound) {
        guard range.count >= 2 * Self.buckets else {
            writer.list(items[range], to: bound)
            return
        }
        let (size, larger) = range.count.quotientAndRemainder(dividingBy: Self.buckets)
        var start = range.lowerBound
        for bucket in 0..<Self.buckets {
            let end = start + size + (bucket < larger ? 1 : 0)
            let isLast = end == range.upperBound
            writer.fingerprint(
                items.fingerprint(start..<end),
                to: isLast ? bound : .between(items[end - 1], items[end]))
            start = end
        }
    }

    private mutating func answerDifference(_ upper: Int, _ bound: NegBound) {
        let mark = writer.mark
        let skip = heldSkip
        flushSkip()
        split(lower..<upper, to: bound)
        guard writer.count > budget else { return }
        writer.rewind(to: mark)
        heldSkip = skip
        close(from: upper)
    }

    /// Our own ids of the range, as far as they fit.
    private mutating func answerList(_ upper: Int, _ bound: NegBound) {
        let size = writer.count
        flushSkip()
        // One more is taken as long as what is there does not pass the budget.
        let room = size > budget ? 0 : (budget - size) / NegID.byteCount + 1
        let end = min(upper, lower + room)
        if end < upper {
            let next = items[end]
            writer.list(items[lower..<end], to: NegBound(key: next.key, prefix: next.id.bytes))
        } else {
            writer.list(items[lower..<end], to: bound)
        }
        if writer.count > budget { close(from: end) }
    }

    private mutating func flushSkip() {
        guard let bound = heldSkip else { return }
        heldSkip = nil
        writer.skip(to: bound)
    }

    /// Ends the message with one fingerprint over everything from item `index` on.
    private mutating func close(from index: Int) {
        writer.fingerprint(items.fingerprint(index..<items.count), to: .infinity)
        isFull = true
    }

    private mutating func compare(_ theirs: [NegID], _ ours: ArraySlice<NegItem>) {
        var missing = Set(theirs)
        for item in ours where missing.remove(item.id) == nil { have.append(item.id) }
        for id in theirs where missing.remove(id) != nil { need.append(id) }
    }
}
