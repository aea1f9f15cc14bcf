package import PeerState

/// Passes bytes between peers that cannot reach one another, without being able to read them.
///
/// One end binds its identity on its link; the other asks for it. The ends then shake hands with
/// each other inside the stream; the relay sees lengths and times.
/// - Bounds: `Limits.relayBindings`, `relayStreams`, `relayStreamsPerPeer`, `relayRate` (beyond it
///   the stream is closed with `overQuota`), `relayIdle`. Where all places are taken, the host
///   that has most gives one to a host that has less (`RelayShares`). Source: PROTOCOL 8.3.
package struct RelayCore: Sendable {
    package enum Input: Sendable {
        /// `isRelayed`: the link itself runs through a relay; it gets no streams. `host`: where it
        /// comes from, for the shares of hosts.
        case linkUp(LinkID, peer: Peer.ID, isRelayed: Bool, host: String)
        case linkDown(LinkID)
        case frame(LinkID, RelayFrame)
        case timer
    }

    package enum Effect: Hashable, Sendable {
        case send(LinkID, RelayFrame)
    }

    /// One end of a stream.
    private struct End: Hashable {
        let link: LinkID
        let stream: UInt64
    }

    private struct Stream {
        let asker: End
        let target: End
        var isReady = false
        var bucket: TokenBucket
        var lastUsed: Instant
        /// Bytes forwarded, for accounting.
        var bytes: UInt64 = 0
    }

    private struct Link {
        let peer: Peer.ID
        let isRelayed: Bool
        let host: String
        /// The stream on which it bound itself.
        var bindStream: UInt64?
    }

    private var links: [LinkID: Link] = [:]
    private var bindings: [Peer.ID: LinkID] = [:]
    private var streams: [UInt64: Stream] = [:]
    private var ends: [End: UInt64] = [:]
    private var lastStream: UInt64 = 0
    /// Bytes forwarded since the start.
    package private(set) var forwarded: UInt64 = 0
    package private(set) var refused: UInt64 = 0

    package init() {}

    package var streamCount: Int { streams.count }
    package var bindingCount: Int { bindings.count }

    /// Whether a link is one that others may ask for, or that a stream runs over.
    package func serves(_ link: LinkID) -> Bool {
        links[link].map { bindings[$0.peer] == link } == true
            || streams.values.contains { $0.asker.link == link || $0.target.link == link }
    }

    package var nextDeadline: Instant? {
        streams.values.map { $0.lastUsed + Limits.relayIdle }.min()
    }

    package mutating func handle(_ input: Input, now: Instant) -> [Effect] {
        switch input {
        case .linkUp(let link, let peer, let isRelayed, let host):
            links[link] = Link(peer: peer, isRelayed: isRelayed, host: host)
            return []
        case .linkDown(let link): return linkDown(link)
        case .frame(let link, let frame): return receive(frame, link, now)
        case .timer:
            let idle = streams.filter { $0.value.lastUsed + Limits.relayIdle <= now }.keys
            return idle.sorted().flatMap { close($0, "timeout") }
        }
    }

    private mutating func receive(
        _ frame: RelayFrame, _ link: LinkID, _ now: Instant
    ) -> [Effect] {
        guard let from = links[link] else { return [] }
        switch frame {
        case .bind(let stream, let peer): return bind(peer, stream, link, from)
        case .open(let stream, let peer): return open(peer, stream, link, from, now)
        case .ready(let stream):
            let end = End(link: link, stream: stream)
            guard let number = ends[end], let known = streams[number], known.target == end,
                !known.isReady
            else { return [] }
            streams[number]?.isReady = true
            streams[number]?.lastUsed = now
            return [.send(known.asker.link, .ready(stream: known.asker.stream))]
        case .data(let stream, let bytes):
            return forward(bytes, End(link: link, stream: stream), now)
        case .close(let stream, let code), .refuse(let stream, let code):
            guard let number = ends[End(link: link, stream: stream)] else { return [] }
            return close(number, code, except: link)
        }
    }

    /// A peer binds nobody but itself.
    private mutating func bind(
        _ peer: Peer.ID, _ stream: UInt64, _ link: LinkID, _ from: Link
    ) -> [Effect] {
        guard peer == from.peer else { return refuse(stream, link, .unknownPeer) }
        guard !from.isRelayed else { return refuse(stream, link, .relayFull) }
        var effects: [Effect] = []
        if bindings[peer] == nil, bindings.count >= Limits.relayBindings {
            let shares = RelayShares(bindings.values.map { (links[$0]?.host ?? "", $0.number) })
            guard let victim = shares.first(beside: from.host) else {
                return refuse(stream, link, .relayFull)
            }
            effects = unbind(LinkID(victim))
        }
        bindings[peer] = link
        links[link]?.bindStream = stream
        return effects + [.send(link, .ready(stream: stream))]
    }

    /// Takes a place back; streams that run already stay.
    private mutating func unbind(_ link: LinkID) -> [Effect] {
        guard let victim = links[link], let stream = victim.bindStream else { return [] }
        bindings[victim.peer] = nil
        links[link]?.bindStream = nil
        return refuse(stream, link, .relayFull)
    }

    private mutating func open(
        _ peer: Peer.ID, _ stream: UInt64, _ link: LinkID, _ from: Link, _ now: Instant
    ) -> [Effect] {
        let asker = End(link: link, stream: stream)
        guard stream < Limits.firstRelayedStream, ends[asker] == nil, peer != from.peer,
            let target = bindings[peer]
        else { return refuse(stream, link, .unknownPeer) }
        guard !from.isRelayed, streams(of: from.peer).count < Limits.relayStreamsPerPeer else {
            return refuse(stream, link, .relayFull)
        }
        var effects: [Effect] = []
        let (atTarget, all) = (streams(of: peer), Set(streams.keys))
        for (taken, most) in [(atTarget, Limits.relayStreamsPerPeer), (all, Limits.relayStreams)]
        where taken.count(where: { streams[$0] != nil }) >= most {
            guard let victim = shares(of: taken).first(beside: from.host) else {
                return effects + refuse(stream, link, .relayFull)
            }
            effects += close(victim, NetCode.relayFull.word)
        }
        lastStream += 1
        let end = End(link: target, stream: Limits.firstRelayedStream + lastStream)
        let bucket = TokenBucket(
            perSecond: Limits.relayRate, burst: Limits.relayRate, now: now)
        streams[lastStream] = Stream(asker: asker, target: end, bucket: bucket, lastUsed: now)
        ends[asker] = lastStream
        ends[end] = lastStream
        return effects + [.send(target, .open(stream: end.stream, from.peer))]
    }

    private func streams(of peer: Peer.ID) -> Set<UInt64> {
        Set(
            streams.filter {
                links[$0.value.asker.link]?.peer == peer
                    || links[$0.value.target.link]?.peer == peer
            }.keys)
    }

    /// Which hosts asked for these streams, those used longest ago first.
    private func shares(of numbers: Set<UInt64>) -> RelayShares {
        let taken = numbers.compactMap { number in streams[number].map { (number, $0) } }
            .sorted { ($0.1.lastUsed, $0.0) < ($1.1.lastUsed, $1.0) }
        return RelayShares(
            inOrder: taken.map { (links[$0.1.asker.link]?.host ?? "", $0.0) })
    }

    private mutating func forward(_ bytes: [UInt8], _ end: End, _ now: Instant) -> [Effect] {
        guard let number = ends[end], var stream = streams[number], stream.isReady else {
            return []
        }
        guard stream.bucket.holds(UInt64(bytes.count), now) else {
            return close(number, NetCode.overQuota.word)
        }
        stream.bucket.take(UInt64(bytes.count), now)
        stream.lastUsed = now
        stream.bytes += UInt64(bytes.count)
        streams[number] = stream
        forwarded += UInt64(bytes.count)
        let other = stream.asker == end ? stream.target : stream.asker
        return [.send(other.link, .data(stream: other.stream, bytes))]
    }

    private mutating func refuse(
        _ stream: UInt64, _ link: LinkID, _ code: NetCode
    ) -> [Effect] {
        refused += 1
        return [.send(link, .refuse(stream: stream, code: code.word))]
    }

    /// Ends a stream and tells those who do not know.
    private mutating func close(
        _ number: UInt64, _ code: String, except: LinkID? = nil
    ) -> [Effect] {
        guard let stream = streams.removeValue(forKey: number) else { return [] }
        ends[stream.asker] = nil
        ends[stream.target] = nil
        return [stream.asker, stream.target].filter { $0.link != except }.map { end in
            let isRefusal = end == stream.asker && !stream.isReady
            return .send(
                end.link,
                isRefusal
                    ? .refuse(stream: end.stream, code: code)
                    : .close(stream: end.stream, code: code))
        }
    }

    private mutating func linkDown(_ link: LinkID) -> [Effect] {
        guard let gone = links.removeValue(forKey: link) else { return [] }
        if bindings[gone.peer] == link { bindings[gone.peer] = nil }
        let ended = streams.filter {
            $0.value.asker.link == link || $0.value.target.link == link
        }.keys
        return ended.sorted().flatMap { close($0, NetCode.linkClosed.word, except: link) }
    }
}
