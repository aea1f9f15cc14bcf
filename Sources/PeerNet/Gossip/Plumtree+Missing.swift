import PeerState

// Announcements, and what is done when no payload follows.
extension Plumtree {
    mutating func announced(
        _ events: [Announced], _ link: LinkID, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard links[link] != nil, !events.isEmpty else { return }
        guard links[link]?.takeFrame(events.count, now) == true else {
            effects.append(.fault(link, .announcementFlood))
            return
        }
        if links[link]?.isTalkative == true { effects.append(.fault(link, .announcementFlood)) }
        let sampled = Int(random.next() % UInt64(events.count))
        for (index, event) in events.enumerated() {
            let wasTold = wasTold(event.id, link)
            seen.noteHolder(link, of: event.id, round: event.round, now)
            if let entry = seen[event.id], entry.isHere {
                optimise(event, link, now, &effects)
                if entry.isPublished, !wasTold, let holder = entry.holder(link) {
                    var onward = event
                    onward.round = entry.onward
                    tellNearer(onward, holder, now)
                }
            } else {
                seen.update(event.id, now) { $0.round = max($0.round, event.round) }
                note(event, link, isSampled: index == sampled, now)
            }
        }
        // What an eager link only announces will not be pushed: it is asked for at once.
        askDue(now, &effects)
    }

    /// Remembers one more peer that has a missing event.
    private mutating func note(
        _ event: Announced, _ link: LinkID, isSampled: Bool, _ now: Instant
    ) {
        guard let state = links[link], state.missing < Limits.missingPerPeer else { return }
        let announcer = MissingEvent.Announcer(link: link, isSampled: isSampled)
        if let known = missing[event.id] {
            guard known.announcers.count < Limits.announcersPerID,
                !known.announcers.contains(where: { $0.link == link })
            else { return }
            join(announcer, known, now)
            return
        }
        missing[event.id] = MissingEvent(
            event: event, since: now, announcers: [announcer], due: now)
        links[link]?.missing += 1
        postpone(event.id, state.isEager ? now : now + graftWait)
    }

    /// One more to ask; at once what is eager, and soon what comes when all others were asked.
    private mutating func join(
        _ announcer: MissingEvent.Announcer, _ known: MissingEvent, _ now: Instant
    ) {
        let id = known.event.id
        links[announcer.link]?.missing += 1
        if known.asked == 0 && links[announcer.link]?.isEager == true {
            missing[id]?.announcers.insert(announcer, at: 0)
            postpone(id, now)
            return
        }
        missing[id]?.announcers.append(announcer)
        if known.asked > 0 && known.asked == known.announcers.count {
            let asked = known.announcers[known.asked - 1].askedAt ?? now
            postpone(id, max(now, asked + graftRetry))
        }
    }

    private mutating func postpone(_ id: Event.ID, _ due: Instant) {
        missing[id]?.due = due
        ties += 1
        deadlines.add(id, at: due, tie: ties)
    }

    /// Takes an announcer that is much nearer to the author for the parent.
    private mutating func optimise(
        _ event: Announced, _ link: LinkID, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard !isFullMesh, let entry = seen[event.id], let parent = entry.parent, parent != link,
            links[parent]?.isEager == true, links[link]?.isEager == false,
            links[link]?.standing == .full, mayGraft(link, now),
            isNearer(event.round, than: entry.round)
        else { return }
        links[link]?.isEager = true
        seen.update(event.id, now) {
            $0.parent = link
            $0.round = event.round
        }
        effects.append(.graft(link, nil))
        prune(parent, Milliseconds(0), now, &effects)
    }

    private func mayGraft(_ link: LinkID, _ now: Instant) -> Bool {
        links[link].map { $0.graftAfter <= now } ?? false
    }

    /// Whether the peer was asked not to graft for a while that is not over.
    func isInBackoff(_ link: LinkID, _ now: Instant) -> Bool {
        links[link].map { $0.noGraftBefore > now } ?? false
    }

    mutating func grafted(
        _ link: LinkID, _ isKnown: Bool, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard let state = links[link] else { return }
        if !isKnown { effects.append(.fault(link, .unknownGraft)) }
        guard !isInBackoff(link, now) else {
            effects.append(.fault(link, .graftInBackoff))
            return
        }
        if state.standing == .full { links[link]?.isEager = true }
    }

    mutating func linkDown(_ link: LinkID, _ now: Instant) {
        guard links.removeValue(forKey: link) != nil else { return }
        for id in missing.keys.sorted() {
            guard let waiting = missing[id], waiting.asked > 0,
                waiting.announcers[waiting.asked - 1].link == link
            else { continue }
            postpone(id, now)
        }
    }

    mutating func timer(_ now: Instant, _ effects: inout [Effect]) {
        if let due = flushAt, due <= now {
            flushAt = nil
            for link in links.keys.sorted() where links[link]?.batch.isEmpty == false {
                flush(link, now, &effects)
            }
        }
        askDue(now, &effects)
        for promise in promises.takeDue(now) where seen[promise.id]?.isHere != true {
            guard let link = links[promise.link] else { continue }
            if link.heardAt > promise.asked {
                effects.append(.fault(promise.link, .brokenPromise))
            } else {
                // Silence says that the way is slow or dead, nothing of who is at its end: an
                // honest peer behind a link that stalls would be refused for minutes.
                promises.add(promise.id, promise.link, now)
            }
        }
    }

    /// Sends what a link is to be told, in fewer frames a second than count as a flood.
    mutating func flush(_ link: LinkID, _ now: Instant, _ effects: inout [Effect]) {
        while let batch = links[link]?.batch, !batch.isEmpty {
            guard links[link]?.sentFrames.holds(1, now) == true else {
                let retry = now + Limits.announcementSpacing
                flushAt = min(flushAt ?? retry, retry)
                return
            }
            links[link]?.batch.removeFirst(min(batch.count, Limits.maxIHave))
            links[link]?.sentFrames.take(1, now)
            effects.append(.announce(link, Array(batch.prefix(Limits.maxIHave))))
        }
    }

    private mutating func askDue(_ now: Instant, _ effects: inout [Effect]) {
        while let at = deadlines.nextTime, at <= now, let (_, id) = deadlines.next() {
            guard let waiting = missing[id], waiting.due == at else { continue }
            askNext(waiting, now, &effects)
        }
    }

    /// Asks the next announcer that may be asked, else gives the event to anti-entropy.
    private mutating func askNext(
        _ waiting: MissingEvent, _ now: Instant, _ effects: inout [Effect]
    ) {
        let id = waiting.event.id
        for index in waiting.asked..<waiting.announcers.count {
            let announcer = waiting.announcers[index]
            guard mayGraft(announcer.link, now) else { continue }
            missing[id]?.asked = index + 1
            missing[id]?.announcers[index].askedAt = now
            if links[announcer.link]?.standing == .full { links[announcer.link]?.isEager = true }
            if announcer.isSampled { promises.add(id, announcer.link, now) }
            effects.append(.graft(announcer.link, waiting.event))
            let isLast = index + 1 == waiting.announcers.count
            postpone(id, now + (isLast ? max(graftRetry, Limits.graftGiveUp) : graftRetry))
            return
        }
        settle(id)
        handedOver += 1
        effects.append(.handOver(waiting.event, waiting.announcers.map(\.link)))
    }
}
