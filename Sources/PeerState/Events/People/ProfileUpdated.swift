/// Sets or clears fields of the author's own profile.
package struct ProfileUpdated: EventBody {
    package static let kind: UInt64 = 70
    package static let displayNameField: UInt64 = 0
    package static let peerKindField: UInt64 = 9

    /// Field number and encoded value, ascending; an encoded `null` clears.
    package let fields: [(number: UInt64, value: [UInt8])]

    package init(displayName: String) {
        var writer = CBORWriter()
        writer.text(displayName)
        fields = [(Self.displayNameField, writer.bytes)]
    }

    /// Any fields at once, checked as if they had come from elsewhere.
    ///
    /// - Errors: `badBody` for types and caps, `badText`.
    package init(fields: [UInt64: CBORValue]) throws(Failure<WireCode>) {
        let pairs = fields.sorted { $0.key < $1.key }.map { CBORValue.Pair($0.key, $0.value) }
        var reader = CBORReader(CBORValue.array([.map(pairs)]).encoded, mismatch: .badBody)
        try self.init(from: &reader)
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        let count = try reader.map("fields")
        var fields: [(number: UInt64, value: [UInt8])] = []
        var texts: [(text: String, rule: TextRule, name: String)] = []
        for _ in 0..<count {
            let number = try reader.unsigned()
            let value = try reader.rawItem()
            var field = CBORReader(value, mismatch: .badBody)
            if try !field.isNull() { texts += try Self.check(number, &field) }
            fields.append((number, value))
        }
        self.fields = fields
        for entry in texts { try entry.rule.check(entry.text, entry.name) }
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.map(fields.count)
        for field in fields {
            writer.unsigned(field.number)
            writer.encoded(field.value)
        }
    }

    /// Type and cap of one field that is not null; returns the texts whose characters to check.
    private static func check(
        _ number: UInt64, _ reader: inout CBORReader
    ) throws(Failure<WireCode>) -> [(text: String, rule: TextRule, name: String)] {
        switch number {
        case 0: return [(try reader.text(max: 64, "display name"), .name, "display name")]
        case 1: return [(try reader.text(max: 32, "pronouns"), .plain, "pronouns")]
        case 2: return [(try reader.text(max: 240, "bio"), .multiline, "bio")]
        case 3: return [(try reader.text(max: 80, "tagline"), .plain, "tagline")]
        case 4: return [(try reader.text(max: 32, "crest pattern"), .plain, "crest pattern")]
        case 5: try checkColour(&reader)
        case 6: return [(try reader.text(max: 280, "pinned"), .multiline, "pinned")]
        case 7:
            var result: [(text: String, rule: TextRule, name: String)] = []
            for _ in 0..<(try reader.array(max: 4, "elsewhere")) {
                result.append((try reader.text(max: 48, "elsewhere"), .plain, "elsewhere"))
            }
            return result
        case 8: return [(try reader.text(max: 32, "since"), .plain, "since")]
        case 9: _ = try reader.unsigned(in: 0...2, "peer kind")
        case 10:
            try reader.array(exactly: 2, "data policy")
            _ = try reader.unsigned(in: 0...1, "data policy")
            return [(try reader.text(max: 64, "provider"), .plain, "provider")]
        case 11: let _: Peer.ID = try reader.identifier("operator")
        case 12: return [(try reader.text(max: 64, "model"), .plain, "model")]
        default: break
        }
        return []
    }

    private static func checkColour(_ reader: inout CBORReader) throws(Failure<WireCode>) {
        let colour = try reader.text(max: 7, "crest colour")
        guard colour.utf8.count == 7, colour.hasPrefix("#"),
            [UInt8](hex: colour.dropFirst()) != nil
        else { throw reader.wrong("crest colour is #rrggbb") }
    }

    package func apply(to server: inout ServerState, event: Event, slot: Slot) {
        for field in fields {
            server.profiles[event.author, default: [:]][field.number, default: []].append(
                ProfileField(slot: slot, value: field.value))
        }
    }
}
