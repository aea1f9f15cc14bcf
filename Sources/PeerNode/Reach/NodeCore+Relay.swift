import PeerNet
import PeerState

// Relays: forwarding for others, and links of this node that run through one.
extension NodeCore {
    /// Bits of the handshake (PROTOCOL 8.1).
    var features: UInt64 {
        (configuration.isRelay ? Feature.relay : 0)
            | (configuration.isProvider ? Feature.provider : 0) | Feature.blobs
    }

    /// Writes to a link, whatever carries it.
    mutating func transmit(_ bytes: [UInt8], on link: LinkID) {
        if isRelayedLink(link) {
            relayClient(.write(link, bytes))
        } else {
            out.append(.write(link, bytes))
        }
    }

    /// Closes what carries a link, after what was written.
    mutating func hangUp(_ link: LinkID) {
        if isRelayedLink(link) {
            relayClient(.close(link))
        } else {
            out.append(.close(link))
        }
    }

    private func isRelayedLink(_ link: LinkID) -> Bool { link.number > Reach.firstRelayedLink }

    /// Takes frames 50–55, which concern no server; `false` for any other.
    mutating func takeRelayFrame(_ bytes: [UInt8], _ link: LinkID) -> Bool {
        // A frame is an array of fewer than 24 elements whose first one is its type.
        guard bytes.count > 2, bytes[0] & 0xE0 == 0x80, bytes[1] == 0x18,
            (50...55).contains(bytes[2])
        else { return false }
        do throws(BadFrame) {
            let frame = try RelayFrame(decoding: bytes)
            if configuration.isRelay {
                relayCore(.frame(link, frame))
            } else {
                relayClient(.frame(link, frame))
            }
        } catch {
            session(link) { session, now in
                session.reportBadFrame(about: UInt64(bytes[2]), server: nil, now: now)
            }
        }
        return true
    }

    /// A link is up: its peer may use this node as a relay, or be one that this node uses.
    mutating func noteRelay(_ link: LinkID, _ hello: PeerHello, _ slot: LinkSlot) {
        reach.isStale = true
        noteNeighbour(link, hello.identity, slot)
        if configuration.isRelay {
            let host = Self.hostGroup(of: slot.address)
            relayCore(
                .linkUp(link, peer: hello.identity, isRelayed: slot.isRelayed, host: host))
            return
        }
        noteInvitedRelay(hello, slot)
        if case .dialled(let address) = slot.origin, reach.seeds.contains(address) {
            if hello.features & Feature.relay != 0 {
                reach.relayPeers.insert(hello.identity)
            } else if configuration.relays.contains(where: { $0.hasSuffix(address) }) {
                log.log(.warning, "the peer at \(address) is no relay: it runs no --relay-server")
            }
        }
        if reach.relayPeers.contains(hello.identity), !slot.isRelayed {
            relayClient(.relayUp(link, hello.identity))
        }
    }

    mutating func forgetRelay(_ link: LinkID) {
        reach.isStale = true
        endProgress(of: link)
        forgetNeighbour(link)
        if configuration.isRelay {
            relayCore(.linkDown(link))
        } else {
            relayClient(.linkDown(link))
        }
    }

    private mutating func relayCore(_ input: RelayCore.Input) {
        for effect in reach.relay.handle(input, now: now.monotonic) {
            guard case .send(let link, let frame) = effect else { continue }
            session(link, .send(frame: frame.bytes))
        }
    }

    private mutating func relayClient(_ input: RelayClient.Input) {
        let bound = reach.client.boundRelays
        let effects = reach.client.handle(input, now: now.monotonic)
        if reach.client.boundRelays != bound {
            log.log(.info, "relays: \(reach.client.boundRelays.map(\.short))")
            change(.connection)
        }
        for effect in effects {
            switch effect {
            case .send(let link, let frame): session(link, .send(frame: frame.bytes))
            case .opened(let link, let end): openLink(link, .relayed(end))
            case .bytes(let link, let bytes): session(link, .bytes(bytes))
            case .closed(let link): closeLink(link)
            }
        }
    }

    /// Tells the relay client whom to ask for, when that changed, and sets its timer.
    mutating func reachRelayed() {
        if configuration.isRelay {
            if let due = reach.relay.nextDeadline { wakes.add(due) }
            return
        }
        guard !reach.relayPeers.isEmpty else { return }
        if reach.isStale { relayClient(.wanted(unlinkedPeers(), through: narrowRelays())) }
        if let due = reach.client.nextDeadline(now.monotonic) { wakes.add(due) }
    }

    mutating func relayTimer() {
        if configuration.isRelay {
            relayCore(.timer)
        } else {
            relayClient(.timer)
        }
    }

    /// Whom this node talks to about a server: its members, or before any history those named.
    func reachable(in hosted: HostedServer) -> Set<Peer.ID> {
        guard hosted.hasHistory else { return hosted.introducers }
        return hosted.isMember ? Set(hosted.state.members(at: hosted.state.now)) : []
    }

    /// Members of the servers here, or those named by an invite, to whom there is no link.
    private func unlinkedPeers() -> Set<Peer.ID> {
        let linked = Set(links.values.compactMap(\.peer))
        var wanted: Set<Peer.ID> = []
        for hosted in servers.values { wanted.formUnion(reachable(in: hosted)) }
        wanted.subtract(linked)
        wanted.subtract(reach.relayPeers)
        wanted.remove(me)
        return wanted
    }
}
