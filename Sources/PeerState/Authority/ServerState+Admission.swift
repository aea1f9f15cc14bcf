/// What every event must pass before the rules of its kind (PROTOCOL 3.6, step 13).
extension ServerState {
    /// - Errors: `suspended`, `removed`, `notMember`, `badProof`, `forkedAuthor`, those of the
    ///   author's limits, `needsGrant`.
    func checkAuthor(at place: EventPlace) throws(Failure<RuleCode>) {
        let author = place.event.author
        guard let standing = standing(of: author, at: place.past) else {
            throw Failure(absence(of: author, at: place.past), "not an active member then")
        }
        guard standing.proof == place.event.proof else {
            throw Failure(.badProof, "not the grant the author acts under")
        }
        try checkFork(at: place)
        try checkLimits(standing, at: place)
        if Self.isGrantKind(place.event.kind),
            let grant = standing.grant.flatMap({ authority.grants[$0] }), grant.target == author,
            grant.restsOnAdmission
        {
            throw Failure(.needsGrant, "who joined by a link gives and takes no rights")
        }
    }

    /// Kinds that need a proof chain without a `join.admit` (PROTOCOL 4.5).
    static func isGrantKind(_ kind: UInt64) -> Bool {
        switch kind {
        case 10...12, 20...27, 33, 42: true
        default: false
        }
    }

    /// F5: a forked author gives nothing until his branch is confirmed.
    private func checkFork(at place: EventPlace) throws(Failure<RuleCode>) {
        guard !isDirect, !graph.forked.isEmpty, let author = graph.number(of: place.author),
            let fork = resolution(at: place.past).forks[author], fork.seq != nil
        else { return }
        let setting = place.event.body as? RolePermissionSet
        let fate = Self.forkClass(of: place.event.kind, takesRoleBit: setting?.isHeld == false)
        if fate == .expansion {
            throw Failure(.forkedAuthor, "two events of one seq; a moderator must confirm one")
        }
    }

    private func checkLimits(
        _ standing: Standing, at place: EventPlace
    ) throws(Failure<RuleCode>) {
        guard standing.mayBeLimited,
            let grant = standing.grant.flatMap({ authority.grants[$0] }),
            grant.target == place.author, !grant.limits.isEmpty
        else { return try checkRemovalRate(at: place) }
        let kind = place.event.kind
        let channel = channel(spokenOfBy: place.event.body)
        for limit in grant.limits {
            if let channel, let channels = limit.attenuation.channels, !channels.contains(channel) {
                throw Failure(.attenuated, "not one of the channels allowed")
            }
            if limit.attenuation.hasUnknownKeys && ![1, 13, 70].contains(kind) {
                throw Failure(.attenuated, "a limit this version does not know")
            }
            if let kinds = limit.attenuation.kinds, ![1, 13, 70, 80].contains(kind),
                !kinds.contains(kind)
            {
                throw Failure(.attenuated, "kind \(kind) is not among those allowed")
            }
        }
        for limit in grant.limits {
            guard let depth = limit.attenuation.delegationDepth else { continue }
            if [10, 42].contains(kind) && UInt64(limit.distance) >= depth {
                throw Failure(.notDelegated, "may not grant further")
            }
        }
        try checkTimes(grant.limits, at: place)
        try checkRates(grant.limits, at: place)
    }

    private func checkTimes(
        _ limits: [Grant.Limit], at place: EventPlace
    ) throws(Failure<RuleCode>) {
        for limit in limits {
            guard let expiry = limit.attenuation.expiryMilliseconds else { continue }
            let word = lastWord(of: limit, at: place, floor: 0)
            let time = max(wallPlus(of: place.event), word.map { graph.wallPlus($0) } ?? 0)
            if time > expiry { throw Failure(.expired, "the grant ended at \(expiry) ms") }
        }
        for limit in limits {
            guard let lapse = limit.attenuation.lapse else { continue }
            let lamport = place.event.lamport
            let floor = lamport > lapse ? lamport - lapse : 0
            if lastWord(of: limit, at: place, floor: floor) == nil {
                throw Failure(.lapsed, "the grantor has been silent for too long")
            }
        }
    }

    /// The grantor's latest event that the author knew.
    private func lastWord(of limit: Grant.Limit, at place: EventPlace, floor: UInt64) -> Slot? {
        guard let grantor = graph.number(of: limit.grantor) else { return nil }
        return graph.latest(of: grantor, before: place.edges, floor: floor)
    }

    /// Rates count the author's own chain in windows of his own clock (PROTOCOL 4.2).
    private func checkRates(
        _ limits: [Grant.Limit], at place: EventPlace
    ) throws(Failure<RuleCode>) {
        let perMinute = limits.compactMap(\.attenuation.eventsPerMinute).min()
        let perDay = limits.compactMap(\.attenuation.bytesPerDay).min()
        let wall = wallPlus(of: place.event)
        if let perMinute {
            let used = window(before: place, of: 60_000, at: wall) { _ in 1 }
            if used + 1 > perMinute {
                let rest = Self.untilFree(60_000, at: wall)
                throw Failure(.overRate, "\(perMinute) events a minute, counted anew \(rest)")
            }
        }
        try checkRemovalRate(at: place)
        if let perDay {
            let used = window(before: place, of: 86_400_000, at: wall) { graph.size($0) }
            if used + UInt64(place.size) > perDay {
                let rest = Self.untilFree(86_400_000, at: wall)
                throw Failure(.overBudget, "\(perDay) bytes a day, counted anew \(rest)")
            }
        }
    }

    /// When a window of the author's clock ends.
    private static func untilFree(_ length: UInt64, at wall: UInt64) -> String {
        let seconds = (length - wall % length + 999) / 1_000
        return seconds < 600 ? "in \(seconds) s" : "in \((seconds + 59) / 60) min"
    }

    private func window(
        before place: EventPlace, of length: UInt64, at wall: UInt64, _ weight: (Slot) -> UInt64
    ) -> UInt64 {
        var sum: UInt64 = 0
        var next = place.event.prev.flatMap { graph.slot(of: $0) }
        while let slot = next, graph.wallPlus(slot) / length == wall / length {
            sum += weight(slot)
            next = graph.prev(of: slot)
        }
        return sum
    }

    /// The permissions whose loss makes a stored event void, one bit each.
    func permissionsNeeded(for slot: Slot) -> [Permissions] {
        let needed = EventKinds.type(of: graph.kind(slot))?.permissionsNeeded(by: slot, in: self)
        return (needed ?? []).bits
    }

    /// The channel an event speaks of, by its own word or by that of what it names.
    private func channel(spokenOfBy body: any EventBody) -> Channel.ID? {
        guard let subject = body.subject, let slot = graph.slot(of: subject) else { return nil }
        if channelRecords[slot] != nil { return Channel.ID(subject) }
        guard let above = content.subject(of: slot) else { return nil }
        if let record = channelRecords[above] { return record.id }
        return content.subject(of: above).flatMap { channelRecords[$0]?.id }
    }
}
