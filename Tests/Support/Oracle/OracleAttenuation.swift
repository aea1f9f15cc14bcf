import PeerState

/// One attenuation on a chain of proofs.
struct OracleAttenuation {
    /// Places from the event: 1 is the attenuation of its own proof.
    let distance: Int
    let grantor: Peer.ID
    let fields: [UInt64: CBORValue]

    func number(_ key: UInt64) -> UInt64? { fields[key]?.number }

    var hasUnknownKey: Bool { fields.keys.contains { $0 > 7 } }

    func allows(channel: Event.ID) -> Bool {
        guard let channels = fields[0]?.items else { return true }
        return channels.contains(.named(channel))
    }

    func allows(kind: UInt64) -> Bool {
        guard let kinds = fields[1]?.items else { return true }
        return [1, 13, 70, 80].contains(kind) || kinds.contains(.unsigned(kind))
    }

    func allows(permission: Int) -> Bool {
        number(6).map { $0 & (1 << UInt64(permission)) != 0 } ?? true
    }
}

extension OracleWorld {
    /// What a grant or the issue of an admission restricts; `null` when nothing.
    func attenuationItem(_ grant: Int) -> CBORValue {
        switch events[grant].kind {
        case 10: return events[grant].item(2)
        case 42:
            guard let issue = number(events[grant].event(0)) else { return .null }
            return events[issue].item(4)
        default: return .null
        }
    }

    /// Everything that restricts whoever acts under `grant`, nearest first.
    func attenuations(under grant: Int) -> [OracleAttenuation] {
        if events[grant].kind == 0 || events[grant].kind == 4 { return [] }
        return proofs(grant).enumerated().compactMap { place, link in
            guard let pairs = attenuationItem(link).pairs else { return nil }
            let fields = Dictionary(
                pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            return OracleAttenuation(
                distance: place + 1, grantor: events[link].author, fields: fields)
        }
    }

    /// The grantor's event of greatest lamport in the past, of equal ones the smaller id.
    func latest(of author: Peer.ID, before number: Int) -> Int? {
        past[number].members.filter { events[$0].author == author }.min {
            (UInt64.max - events[$0].lamport, events[$0].id)
                < (UInt64.max - events[$1].lamport, events[$1].id)
        }
    }
}
