import PeerState

/// Plain views of a decoded item; a wrong type gives `nil` or nothing, never a stop.
extension CBORValue {
    var number: UInt64? {
        if case .unsigned(let value) = self { value } else { nil }
    }

    var blob: [UInt8]? {
        if case .bytes(let value) = self { value } else { nil }
    }

    var items: [CBORValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    var pairs: [Pair]? {
        if case .map(let value) = self { value } else { nil }
    }

    var isTrue: Bool { self == .bool(true) }

    func identifier<Kind>(as kind: Kind.Type = Kind.self) -> Identifier<Kind>? {
        blob.flatMap { Identifier<Kind>($0) }
    }

    static func named<Kind>(_ identifier: Identifier<Kind>) -> CBORValue {
        .bytes(identifier.bytes)
    }
}
