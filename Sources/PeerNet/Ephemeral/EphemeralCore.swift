package import PeerState

/// Decides which ephemeral messages are taken, shown and passed on.
///
/// Cheap checks come first; a signature is checked only for what a member may say and what is new,
/// and at most as often as the budget of the link allows. An author pays from his own budget only
/// for what he really signed, so nobody can use it up in his name.
/// - Bounds: `Limits+Ephemeral`. Source: PROTOCOL 11.
package struct EphemeralCore: Sendable {
    package enum Input: Sendable {
        case received(EphemeralFrame, from: LinkID)
        case linkDown(LinkID)
        case serverDropped(Server.ID)
    }

    package enum Effect: Hashable, Sendable {
        /// Open and show it; the channel is that of its epoch.
        case deliver(EphemeralFrame, in: Channel.ID?)
        /// Pass it on over the eager links of its server but this one.
        case spread(EphemeralFrame, from: LinkID)
        /// The link brought what its author never signed.
        case invalid(LinkID)
    }

    let me: Peer.ID
    package private(set) var dropped: [EphemeralDrop: UInt64] = [:]
    package private(set) var taken: UInt64 = 0
    package private(set) var forwarded: UInt64 = 0
    private var links: [LinkID: LinkBudget] = [:]
    private var authors: [Server.ID: [Peer.ID: AuthorMemory]] = [:]
    private var rates: [RateKey: AuthorRate] = [:]

    package init(me: Peer.ID) {
        self.me = me
    }

    package mutating func handle(
        _ input: Input, context: some EphemeralContext, now: Moment
    ) -> [Effect] {
        switch input {
        case .received(let frame, let link): return receive(frame, link, context, now)
        case .linkDown(let link): links[link] = nil
        case .serverDropped(let server):
            authors[server] = nil
            rates = rates.filter { $0.key.server != server }
        }
        return []
    }

    /// Counts what was found wrong with a delivered message.
    package mutating func count(_ drop: EphemeralDrop) { dropped[drop, default: 0] &+= 1 }

    /// When a message of this age stops to count, on our monotonic clock.
    package static func end(of frame: EphemeralFrame, at now: Moment) -> Instant? {
        guard let topic = EphemeralTopic(rawValue: frame.topic) else { return nil }
        let life = min(frame.ttlMilliseconds, topic.life.count)
        let sent = frame.sentMilliseconds
        // An author whose clock is ahead of ours gets no longer life than others.
        let age = now.wallMilliseconds > sent ? now.wallMilliseconds - sent : 0
        guard age < life else { return nil }
        return now.monotonic + Milliseconds(life - age)
    }

    private mutating func receive(
        _ frame: EphemeralFrame, _ link: LinkID, _ context: some EphemeralContext, _ now: Moment
    ) -> [Effect] {
        let topic: EphemeralTopic
        let channel: Channel.ID?
        do throws(EphemeralDrop) {
            topic = try firstLook(frame, link, now)
            channel = try place(of: frame, topic, context)
            guard frame.isSigned else { throw .badSignature }
            note(frame, now.monotonic)
            try charge(frame, topic, channel, now.monotonic)
        } catch {
            count(error)
            return error == .badSignature ? [.invalid(link)] : []
        }
        taken &+= 1
        guard topic.isSealed else { return [.deliver(frame, in: nil)] }
        forwarded &+= 1
        return [.spread(frame, from: link), .deliver(frame, in: channel)]
    }

    // Checks without a signature

    private mutating func firstLook(
        _ frame: EphemeralFrame, _ link: LinkID, _ now: Moment
    ) throws(EphemeralDrop) -> EphemeralTopic {
        var budget = links[link] ?? LinkBudget(now.monotonic)
        let isWithin = budget.take(frame.payload.count, now.monotonic)
        links[link] = budget
        guard isWithin else { throw .linkRate }
        guard frame.author != me else { throw .own }
        guard let topic = EphemeralTopic(rawValue: frame.topic) else { throw .unknownTopic }
        let isSealed = frame.epoch != nil && frame.nonce != nil
        let isPlain = frame.epoch == nil && frame.nonce == nil
        guard topic.isSealed ? isSealed : isPlain else { throw .badShape }
        let (ahead, behind) = (frame.sentMilliseconds, now.wallMilliseconds)
        let distance = ahead > behind ? ahead - behind : behind - ahead
        guard distance <= Limits.ephemeralClock else { throw .clock }
        guard Self.end(of: frame, at: now) != nil else { throw .expired }
        let memory = authors[frame.server]?[frame.author]
        guard let memory, memory.isFresh(now.monotonic) else { return topic }
        if memory.recent.contains(frame.counter) { throw .duplicate }
        guard frame.counter > memory.highest else { throw .stale }
        return topic
    }

    private func place(
        of frame: EphemeralFrame, _ topic: EphemeralTopic, _ context: some EphemeralContext
    ) throws(EphemeralDrop) -> Channel.ID? {
        guard context.isActive(frame.author, in: frame.server) else { throw .notMember }
        guard let epoch = frame.epoch else { return nil }
        guard let channel = context.channel(of: epoch, in: frame.server) else {
            throw .unknownEpoch
        }
        if topic.needsReader, !context.isReader(frame.author, of: channel, in: frame.server) {
            throw .notReader
        }
        return channel
    }

    // What is remembered

    private mutating func note(_ frame: EphemeralFrame, _ now: Instant) {
        var known = authors[frame.server] ?? [:]
        if known[frame.author] == nil, known.count >= Limits.ephemeralAuthors,
            let oldest = known.min(by: { ($0.value.heard, $0.key) < ($1.value.heard, $1.key) })
        {
            known[oldest.key] = nil
        }
        var memory = known[frame.author] ?? AuthorMemory(heard: now)
        if !memory.isFresh(now) { memory = AuthorMemory(heard: now) }
        memory.note(frame.counter, now)
        known[frame.author] = memory
        authors[frame.server] = known
    }

    private mutating func charge(
        _ frame: EphemeralFrame, _ topic: EphemeralTopic, _ channel: Channel.ID?, _ now: Instant
    ) throws(EphemeralDrop) {
        let key = RateKey(
            server: frame.server, author: frame.author, topic: topic,
            channel: topic.isPerChannel ? channel : nil)
        if rates[key] == nil && rates.count >= Limits.ephemeralRates {
            rates = rates.filter { !$0.value.isIdle(now) }
            guard rates.count < Limits.ephemeralRates else { throw .authorRate }
        }
        var rate = rates[key] ?? AuthorRate(topic, now)
        let isWithin = rate.take(frame.payload.count, now)
        rates[key] = rate
        if !isWithin { throw .authorRate }
    }

    private struct RateKey: Hashable {
        let server: Server.ID
        let author: Peer.ID
        let topic: EphemeralTopic
        let channel: Channel.ID?
    }
}
