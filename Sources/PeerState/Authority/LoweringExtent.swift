/// Up to where a lowering accepts events of its target.
package struct LoweringExtent: Hashable, Sendable {
    package let target: Peer.ID
    /// Whether the event it was asked for is one of the target's.
    package let isOnChain: Bool
    /// The last event that is accepted; `nil` = none is.
    package fileprivate(set) var accepted: Cut?
    /// Whether that is the one asked for, or a later one.
    package fileprivate(set) var isCovered = false
    /// The event that made it so.
    package fileprivate(set) var by: Event.ID?

    fileprivate init(target: Peer.ID, isOnChain: Bool) {
        self.target = target
        self.isOnChain = isOnChain
    }
}

extension ServerState {
    /// How far a lowering accepts its target's events, seen from one event; `nil` for what is none.
    package func extent(of lowering: Event.ID, towards pin: Event.ID) -> LoweringExtent? {
        guard let slot = graph.slot(of: lowering), let wanted = graph.slot(of: pin),
            let old = pinToExtend(of: slot, towards: pin)
        else { return nil }
        var extent = LoweringExtent(target: old.target, isOnChain: graph.peer(wanted) == old.target)
        var best = old.pin
        for entry in authority.extensions where entry.lowering == slot {
            guard graph.isEffective(entry.slot),
                best.map({ graph.isOnChain($0, upTo: entry.pin) }) ?? true
            else { continue }
            best = entry.pin
            extent.by = graph.id(entry.slot)
        }
        guard let best else { return extent }
        extent.accepted = Cut(seq: graph.seq(best), id: graph.id(best))
        extent.isCovered = graph.isOnChain(wanted, upTo: best)
        if extent.by == nil { extent.by = lowering }
        return extent
    }
}
