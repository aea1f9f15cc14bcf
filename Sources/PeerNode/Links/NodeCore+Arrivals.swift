import PeerNet
import PeerState

/// What bounds links that others open, until their handshake shows who they are.
struct Arrivals: Sendable {
    var halfOpen = HalfOpenGuard()
    var rates: HandshakeRates
    var metHosts = MetHosts()
    /// When a refusal was said last.
    var saidAt: Instant?

    init(now: Instant) { rates = HandshakeRates(now: now) }
}

extension NodeCore {
    /// Lets a link of others in, or refuses it before it has cost anything.
    ///
    /// - Returns: the host it is counted under while it is half open, `nil` when it was refused.
    mutating func admit(_ link: LinkID, from address: String) -> String? {
        let host = Self.hostGroup(of: address)
        let isFamiliar = arrivals.metHosts.contains(host)
        if isFamiliar { makeWay(for: host) }
        guard arrivals.halfOpen.admit(host) else {
            refuse(link, .halfOpenRefused, "too many half-open links")
            return nil
        }
        guard arrivals.rates.admit(host, isFamiliar: isFamiliar, now: now.monotonic) else {
            arrivals.halfOpen.settle(host)
            refuse(link, .handshakesRefused, "too many handshakes")
            return nil
        }
        return host
    }

    /// Whether somebody may shake hands through that relay.
    mutating func admit(_ link: LinkID, through relay: Peer.ID) -> Bool {
        // The operator chose the relay, or an invite named it: it counts as one familiar host.
        let isAdmitted = arrivals.rates.admit(
            "relay:\(relay.hex)", isFamiliar: true, now: now.monotonic)
        if !isAdmitted { refuse(link, .handshakesRefused, "too many handshakes") }
        return isAdmitted
    }

    private mutating func refuse(_ link: LinkID, _ counter: Counter, _ why: String) {
        reach.counters.count(counter)
        // One line for each would be a cost of its own.
        if arrivals.saidAt.map({ now.monotonic >= $0 + Limits.refusalsSaid }) ?? true {
            arrivals.saidAt = now.monotonic
            log.log(.info, "link \(link.number) and maybe more: \(why), closed")
        }
        hangUp(link)
    }

    /// Where every half-open place is taken, the oldest of a stranger's host goes: silent
    /// sockets never keep out a host at which a member was met.
    private mutating func makeWay(for host: String) {
        guard arrivals.halfOpen.isFull(to: host) else { return }
        let strangers = links.filter { _, slot in
            slot.halfOpenHost.map { !arrivals.metHosts.contains($0) } == true
        }
        guard let oldest = strangers.keys.min(by: { $0.number < $1.number }) else { return }
        reach.counters.count(.halfOpenRefused)
        session(oldest) { session, now in
            session.close(NetFailure(.overQuota, "too many half-open links"), now: now)
        }
    }

    mutating func settleHalfOpen(_ link: LinkID) {
        guard let host = links[link]?.halfOpenHost else { return }
        arrivals.halfOpen.settle(host)
        links[link]?.halfOpenHost = nil
    }

    /// Under which name bounds per address count what comes from there.
    static func hostGroup(of address: String) -> String {
        HostGroup.name(of: host(of: address) ?? address)
    }

    /// Hosts of peers met in earlier lives.
    mutating func rememberHosts(of addresses: [AddressRow]) {
        let met = addresses.filter { $0.metMilliseconds > 0 }
            .sorted { ($0.metMilliseconds, $0.address) < ($1.metMilliseconds, $1.address) }
        for row in met { arrivals.metHosts.note(Self.hostGroup(of: row.address)) }
    }
}
