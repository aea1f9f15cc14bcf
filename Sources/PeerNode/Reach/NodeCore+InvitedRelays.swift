import PeerNet
package import PeerState

/// Relays that an invite names: the way to an inviter who cannot be dialled (PROTOCOL 8.3).
///
/// The inviter chose them, not the operator of this node, so they are asked for members of that
/// server only and learn of nobody else.
extension NodeCore {
    /// Addresses of relays at which this node can be asked for.
    func ownRelayAddresses() -> [String] {
        let addresses = reach.client.boundRelays.flatMap {
            dialling.addresses(of: $0).prefix(1)
        }
        return Array(addresses.prefix(Limits.inviteRelays))
    }

    /// A peer at an address that an invite gives may turn out to be a relay.
    mutating func noteInvitedRelay(_ hello: PeerHello, _ slot: LinkSlot) {
        guard case .dialled(let address) = slot.origin, hello.features & Feature.relay != 0,
            !reach.seeds.contains(address), let invited = reach.invited[address]
        else { return }
        reach.relayPeers.insert(hello.identity)
        for server in invited.sorted() {
            reach.invitedRelays[hello.identity, default: [:]][server] = address
            keepRelay(address, of: server)
        }
    }

    /// Dials an address of an invite, at which a relay may be.
    mutating func noteInvited(_ address: String, _ server: Server.ID) {
        reach.invited[address, default: []].insert(server)
        dialling.add(address)
    }

    /// Whom each of these relays may be asked for.
    package func narrowRelays() -> [Peer.ID: Set<Peer.ID>] {
        reach.invitedRelays.mapValues { places in
            places.keys.reduce(into: []) { peers, server in
                if let hosted = servers[server] { peers.formUnion(reachable(in: hosted)) }
            }
        }
    }

    private mutating func keepRelay(_ address: String, of server: Server.ID) {
        current.batch.settings.append(
            Setting(name: Self.relaySetting(server, address), value: Array(address.utf8)))
    }

    /// After a start: `name` is `SERVER/ADDRESS`.
    mutating func restoreRelay(_ name: Substring, _ value: [UInt8]) {
        guard let server = Server.ID(hex: name.prefix { $0 != "/" }) else { return }
        noteInvited(String(decoding: value, as: UTF8.self), server)
    }

    /// A server that is gone needs no relay; one that is left is asked for nobody.
    mutating func forgetInvited(_ server: Server.ID) {
        for peer in reach.invitedRelays.keys.sorted() {
            guard let address = reach.invitedRelays[peer]?.removeValue(forKey: server) else {
                continue
            }
            current.batch.settings.append(
                Setting(name: Self.relaySetting(server, address), value: nil))
        }
        reach.invited = reach.invited.compactMapValues { servers in
            let rest = servers.subtracting([server])
            return rest.isEmpty ? nil : rest
        }
    }

    private static func relaySetting(_ server: Server.ID, _ address: String) -> String {
        "relay/\(server.hex)/\(address)"
    }
}
