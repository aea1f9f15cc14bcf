/// Authority over events whose ids are given, as tests of the rules need it (PROTOCOL 5).
extension ServerState {
    /// Judges and folds an event by the very rules of the product, without bytes or signature.
    ///
    /// - Precondition: its edges are here. They are given apart, since a cut may be no parent.
    package mutating func insertUnsigned(_ event: Event, edges: [Event.ID]) {
        let slots = edges.compactMap { graph.slot(of: $0) }
        precondition(slots.count == edges.count, "parents come first")
        let prev = event.prev.flatMap { graph.slot(of: $0) }
        let place = place(event, edges: slots, prev: prev, size: 0)
        do {
            try checkAdmissible(at: place)
            _ = add(place, refusal: nil)
        } catch {
            _ = add(place, refusal: error)
        }
    }

    package func isEffective(_ id: Event.ID) -> Bool {
        graph.slot(of: id).map { graph.isEffective($0) } ?? false
    }

    /// Removals that stand, decided from nothing: what a measurement times.
    package var resolvedAnew: Int { resolve(at: now).removals.count }

    /// Removals and suspensions that stand.
    package var acceptedRemovals: Set<Event.ID> {
        Set(current.removals.all.map { graph.id($0.slot) })
    }
}
