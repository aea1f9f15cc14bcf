import PeerState

/// One element of an event body as PROTOCOL 4 describes it, from which tests derive what a decoder
/// must take and what it must refuse.
///
/// Written from the tables alone, so that a decoder is never tested against itself.
indirect enum BodyField: Sendable {
    case id(isEdge: Bool = false)
    case uint(ClosedRange<UInt64> = 0...UInt64.max)
    case bool
    case bytes(Int)
    case ciphertext(max: Int)
    case text(max: Int, TextKind)
    /// Sorted identifiers.
    case ids(max: Int, isEdge: Bool = false)
    case list(BodyField, max: Int)
    case optional(BodyField)
    /// An inner array of exactly these.
    case exactly([BodyField])
    /// An inner array that may be longer than this version knows.
    case open([BodyField])
    /// A map of optional keys; `clears` = null is a value of each.
    case map([UInt64: BodyField], clears: Bool)
    case values(accepted: [CBORValue], refused: [CBORValue])

    enum TextKind: Sendable { case plain, multiline, name }

    /// Values that must be taken; the first is an ordinary one, others sit at a cap.
    ///
    /// - Parameter salt: makes identifiers at different places differ.
    func accepted(salt: UInt8) -> [CBORValue] {
        switch self {
        case .id: [Self.id(salt)]
        case .uint(let range): Self.unsigned([range.lowerBound, range.upperBound])
        case .bool: [.bool(true), .bool(false)]
        case .bytes(let count): [Self.bytes(count, salt)]
        case .ciphertext(let max): [Self.bytes(40, salt), Self.bytes(16, 0), Self.bytes(max, 1)]
        case .text(let max, let kind): kind.accepted(max: max)
        case .ids(let max, _):
            [2, 0, 1, max].map { .array(Self.sortedIDs($0, salt)) }
        case .list(let field, let max):
            [1, 0, max].map { .array(Array(repeating: field.sample(salt: salt), count: $0)) }
        case .optional(let field): field.accepted(salt: salt) + [.null]
        case .exactly(let fields), .open(let fields):
            Self.variants(of: fields, salt: salt) { $0.accepted(salt: $1) }
        case .map(let fields, let clears):
            [Self.mapOfSamples(fields, salt), .map([]), .map([.init(99, .array([.bool(true)]))])]
                + Self.maps(fields) { $0.accepted(salt: salt) + (clears ? [.null] : []) }
        case .values(let accepted, _): accepted
        }
    }

    func sample(salt: UInt8) -> CBORValue { accepted(salt: salt)[0] }

    /// Values that break type, range, count or cap: `badBody`.
    func refused(salt: UInt8) -> [CBORValue] {
        switch self {
        case .id: Self.types + [Self.bytes(31, salt), Self.bytes(33, salt)]
        case .uint(let range): Self.types(but: .unsigned(1)) + Self.outside(range)
        case .bool: Self.types(but: .bool(true))
        case .bytes(let count):
            Self.types + [Self.bytes(count - 1, salt), Self.bytes(count + 1, salt)]
        case .ciphertext(let max): Self.types + [Self.bytes(15, salt), Self.bytes(max + 1, salt)]
        case .text(let max, _): Self.types(but: .text("x")) + TextKind.tooLong(max: max)
        case .ids(let max, _):
            Self.types(but: .array([])) + Self.badIDs(salt)
                + [.array(Self.sortedIDs(max + 1, salt))]
        case .list(let field, let max):
            Self.types(but: .array([])) + field.refused(salt: salt).map { .array([$0]) }
                + [.array(Array(repeating: field.sample(salt: salt), count: max + 1))]
        case .optional(let field): field.refused(salt: salt).filter { $0 != .null }
        case .exactly(let fields):
            Self.refusedArrays(fields, salt)
                + [.array(Self.samples(of: fields, salt: salt) + [.unsigned(7)])]
        case .open(let fields): Self.refusedArrays(fields, salt)
        case .map(let fields, let clears):
            Self.types(but: .map([]))
                + Self.maps(fields) { field in
                    field.refused(salt: salt).filter { !clears || $0 != .null }
                }
        case .values(_, let refused): refused
        }
    }

    /// Values within type and cap whose characters are not allowed: `badText`.
    var badTexts: [CBORValue] {
        switch self {
        case .text(_, let kind): kind.refused
        case .optional(let field): field.badTexts
        case .list(let field, _): field.badTexts.map { .array([$0]) }
        case .exactly(let fields), .open(let fields):
            Self.variants(of: fields, salt: 1) { field, _ in field.badTexts }
        case .map(let fields, _): Self.maps(fields) { $0.badTexts }
        default: []
        }
    }

    /// The value with elements this version does not know, where those are kept and ignored.
    func longer(salt: UInt8) -> CBORValue? {
        switch self {
        case .open(let fields):
            .array(Self.samples(of: fields, salt: salt) + [.unsigned(7), .array([.null])])
        case .optional(let field): field.longer(salt: salt)
        default: nil
        }
    }

    /// The ids in `value` that PROTOCOL 3.2 makes edges.
    func edges(in value: CBORValue) -> [Event.ID] {
        switch (self, value) {
        case (.id(true), .bytes(let bytes)): Event.ID(bytes).map { [$0] } ?? []
        case (.ids(_, true), .array(let items)):
            items.flatMap { Self.id(isEdge: true).edges(in: $0) }
        case (.optional(let field), _): field.edges(in: value)
        case (.exactly(let fields), .array(let items)), (.open(let fields), .array(let items)):
            zip(fields, items).flatMap { $0.edges(in: $1) }
        default: []
        }
    }
}

extension BodyField {
    static let cut = optional(.exactly([.uint(), .id(isEdge: true)]))

    static func id(_ salt: UInt8) -> CBORValue { bytes(32, salt) }

    static func bytes(_ count: Int, _ salt: UInt8) -> CBORValue {
        .bytes([UInt8](repeating: salt, count: count))
    }

    static func samples(of fields: [BodyField], salt: UInt8) -> [CBORValue] {
        fields.enumerated().map { $1.sample(salt: salt &+ UInt8($0)) }
    }

    /// `count` ascending identifiers.
    private static func sortedIDs(_ count: Int, _ salt: UInt8) -> [CBORValue] {
        (0..<count).map { index in
            .bytes([salt, UInt8(index / 256), UInt8(index % 256)] + Array(repeating: 9, count: 29))
        }
    }

    private static func badIDs(_ salt: UInt8) -> [CBORValue] {
        let two = sortedIDs(2, salt)
        return [
            .array(two.reversed()), .array([two[0], two[0]]), .array([.bytes([1])]),
            .array([.unsigned(1)]), .array([.null]),
        ]
    }

    private static func unsigned(_ values: [UInt64]) -> [CBORValue] { values.map { .unsigned($0) } }

    private static func outside(_ range: ClosedRange<UInt64>) -> [CBORValue] {
        var values: [UInt64] = []
        if range.lowerBound > 0 { values.append(range.lowerBound - 1) }
        if range.upperBound < .max { values += [range.upperBound + 1, .max] }
        return unsigned(values)
    }

    /// One value of every type.
    private static let types: [CBORValue] = [
        .unsigned(1), .bytes([]), .text("x"), .array([]), .map([]), .bool(true), .null,
    ]

    private static func types(but type: CBORValue) -> [CBORValue] { types.filter { $0 != type } }

    /// The sample array with one element replaced, for every element and every replacement.
    static func variants(
        of fields: [BodyField], salt: UInt8, _ replacements: (BodyField, UInt8) -> [CBORValue]
    ) -> [CBORValue] {
        let base = samples(of: fields, salt: salt)
        return fields.enumerated().flatMap { index, field in
            replacements(field, salt &+ UInt8(index)).map { value in
                var items = base
                items[index] = value
                return .array(items)
            }
        }
    }

    private static func refusedArrays(_ fields: [BodyField], _ salt: UInt8) -> [CBORValue] {
        types + variants(of: fields, salt: salt) { $0.refused(salt: $1) }
            + [.array(samples(of: fields, salt: salt).dropLast())]
    }

    private static func mapOfSamples(_ fields: [UInt64: BodyField], _ salt: UInt8) -> CBORValue {
        .map(fields.keys.sorted().map { .init($0, fields[$0]?.sample(salt: salt) ?? .null) })
    }

    private static func maps(
        _ fields: [UInt64: BodyField], _ values: (BodyField) -> [CBORValue]
    ) -> [CBORValue] {
        fields.keys.sorted().flatMap { key in
            (fields[key].map(values) ?? []).map { .map([.init(key, $0)]) }
        }
    }
}

extension BodyField.TextKind {
    private static let bidi = Array(0x202a...0x202e) + Array(0x2066...0x2069)
    private static let spaces =
        [0x20, 0xa0, 0x1680] + Array(0x2000...0x200a) + [0x2028, 0x2029, 0x202f, 0x205f, 0x3000]
    private static let controls = Array(0x00...0x1f) + Array(0x7f...0x9f)
    private static let lineFeedAndTab = [0x0a, 0x09]

    private static func string(_ scalar: Int) -> String {
        String(String.UnicodeScalarView([Unicode.Scalar(UInt32(scalar)) ?? "?"]))
    }

    func accepted(max: Int) -> [CBORValue] {
        // The caps count bytes, so a two-byte letter tells them from characters.
        let cap = String(repeating: "é", count: max / 2) + (max % 2 == 1 ? "a" : "")
        var texts = ["héllo", cap, String(repeating: "a", count: max)]
        texts += Self.spaces.map { "a" + Self.string($0) + "b" }
        // No other character counts as space.
        texts += [0x200b, 0x200e, 0x180e, 0xfeff, 0x300].map { Self.string($0) + "a" }
        if self != .name {
            texts += Self.bidi.map { "a" + Self.string($0) } + [""]
            texts += Self.spaces.flatMap { [Self.string($0) + "a", "a" + Self.string($0)] }
        }
        if self == .multiline { texts += Self.lineFeedAndTab.map { "a" + Self.string($0) + "b" } }
        return texts.filter { $0.utf8.count <= max }.map { .text($0) }
    }

    var refused: [CBORValue] {
        let allowed = self == .multiline ? Self.lineFeedAndTab : []
        var texts = Self.controls.filter { !allowed.contains($0) }
            .flatMap { ["a" + Self.string($0) + "b", Self.string($0)] }
        if self == .name {
            texts += Self.bidi.map { "a" + Self.string($0) + "b" } + [""]
            texts += Self.spaces.flatMap { [Self.string($0) + "a", "a" + Self.string($0)] }
        }
        return texts.map { .text($0) }
    }

    /// Over the cap, also where the text would break its rule as well: caps come first.
    static func tooLong(max: Int) -> [CBORValue] {
        [
            .text(String(repeating: "a", count: max + 1)),
            .text(String(repeating: "é", count: max / 2 + 1)),
            .text("\0" + String(repeating: "a", count: max)),
        ]
    }
}
