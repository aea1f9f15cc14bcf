import PeerState

// Payloads that come and go on.
extension Plumtree {
    mutating func received(
        _ event: Announced, _ link: LinkID, _ now: Instant, _ effects: inout [Effect]
    ) {
        let wasTold = wasTold(event.id, link)
        seen.noteHolder(link, of: event.id, round: event.round, now)
        if let known = seen[event.id], known.isHere, known.parent != nil || known.isPublished {
            duplicate(event, link, wasTold: wasTold, now, &effects)
            return
        }
        seen.update(event.id, now) {
            $0.isHere = true
            $0.round = event.round
            $0.parent = link
        }
        if let waited = missing[event.id] {
            learnDelays(waited, link, now)
            settle(event.id)
        }
    }

    /// Who brings an event again is asked to announce instead; if it is much nearer to the author,
    /// who brought it before is.
    ///
    /// Own events of the peer go to everybody, so over a lazy link they say nothing.
    private mutating func duplicate(
        _ event: Announced, _ link: LinkID, wasTold: Bool, _ now: Instant,
        _ effects: inout [Effect]
    ) {
        guard !isFullMesh, let entry = seen[event.id], entry.parent != link else { return }
        if links[link]?.isEager != true {
            let pruned = links[link]?.prunedAt ?? .zero
            guard event.round > 0, pruned + Limits.pruneAgain <= now else { return }
            return prune(link, Milliseconds(0), now, &effects)
        }
        // It chooses between us and who brought it there.
        if wasTold && isWorthTelling(entry.onward, event.round) { return }
        guard let parent = entry.parent else {
            return prune(link, Milliseconds(0), now, &effects)
        }
        // Who brought it was asked to stop meanwhile, or stopped.
        guard links[parent]?.isEager == true else { return }
        guard isNearer(event.round, than: entry.round) else {
            return prune(link, Milliseconds(0), now, &effects)
        }
        seen.update(event.id, now) {
            $0.parent = link
            $0.round = event.round
        }
        prune(parent, Milliseconds(0), now, &effects)
    }

    /// Whether the link was pushed or announced the event before it said anything of it.
    func wasTold(_ id: Event.ID, _ link: LinkID) -> Bool {
        seen[id].map { $0.isPublished && $0.holder(link) == nil } ?? false
    }

    /// Whether a way is so much shorter that it is worth a change of the tree.
    func isNearer(_ round: UInt64, than other: UInt64) -> Bool {
        round < other && other - round >= Limits.optimiseRounds
    }

    mutating func prune(
        _ link: LinkID, _ backoff: Milliseconds, _ now: Instant, _ effects: inout [Effect]
    ) {
        links[link]?.isEager = false
        links[link]?.prunedAt = now
        links[link]?.noGraftBefore = now + backoff
        effects.append(.prune(link, backoff: backoff))
    }

    /// A payload that came by itself shows how long to wait for one; the answer of one that was
    /// asked, how fast answers are, and that waiting was in vain. Its time holds the wait itself:
    /// learnt from, each wait would make the next longer.
    private mutating func learnDelays(_ waited: MissingEvent, _ link: LinkID, _ now: Instant) {
        guard let askedAt = waited.announcers.first(where: { $0.link == link })?.askedAt else {
            let sample = Double(now.milliseconds(since: waited.since))
            return payloadDelay += (sample - payloadDelay) / 8
        }
        payloadDelay -= payloadDelay / 8
        let sample = Double(now.milliseconds(since: askedAt))
        graftDelay += (sample - graftDelay) / 8
    }

    /// Ends the wait for an event.
    mutating func settle(_ id: Event.ID) {
        guard let ended = missing.removeValue(forKey: id) else { return }
        for announcer in ended.announcers { links[announcer.link]?.missing -= 1 }
    }

    /// Sends an event on: pushed over eager links, announced over the others.
    mutating func publish(
        _ event: Announced, isOwn: Bool, isLarge: Bool, _ now: Instant,
        _ effects: inout [Effect]
    ) {
        guard seen[event.id]?.isPublished != true else { return }
        seen.update(event.id, now) {
            $0.isHere = true
            $0.isPublished = true
        }
        settle(event.id)
        var onward = event
        let round = seen[event.id]?.round ?? 0
        onward.round = isOwn ? 0 : round == .max ? .max : round + 1
        let holders = seen[event.id]?.holders ?? []
        for link in links.keys.sorted() {
            guard let state = links[link], state.standing > .silent else { continue }
            if let holder = holders.first(where: { $0.link == link }) {
                tellNearer(onward, holder, now)
                continue
            }
            let mayPush = state.standing == .full && (isOwn || state.isEager)
            if mayPush && !isLarge {
                effects.append(.push(link, event.id, round: onward.round))
            } else {
                announce(onward, link, now)
            }
        }
    }

    /// Who has the event by a way much longer than ours hears of ours.
    func isWorthTelling(_ onward: UInt64, _ theirs: UInt64) -> Bool {
        theirs > 0 && isNearer(onward, than: theirs - 1)
    }

    mutating func tellNearer(
        _ onward: Announced, _ holder: SeenEvents.Holder, _ now: Instant
    ) {
        guard !isFullMesh, links[holder.link]?.isEager == false,
            isWorthTelling(onward.round, holder.round)
        else { return }
        announce(onward, holder.link, now)
    }

    private mutating func announce(_ event: Announced, _ link: LinkID, _ now: Instant) {
        if links[link]?.batch.count ?? 0 >= Limits.announcementsWaiting {
            links[link]?.batch.removeFirst()
        }
        links[link]?.batch.append(event)
        flushAt = flushAt ?? now + Limits.iHaveBatch
    }

    /// A peer whose score fell is not pushed to; one that recovered waits to be grafted.
    mutating func judge(
        _ link: LinkID, _ standing: PeerScores.Standing, _ now: Instant,
        _ effects: inout [Effect]
    ) {
        guard let state = links[link], state.standing != standing else { return }
        links[link]?.standing = standing
        if standing < .full && state.isEager {
            prune(link, Limits.lowScorePrune, now, &effects)
        }
    }
}
