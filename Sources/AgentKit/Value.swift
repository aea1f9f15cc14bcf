/// A JSON value: what tools take and return.
public enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([Value])
    case object([String: Value])
}

extension Value {
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    public var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    public var array: [Value]? {
        if case .array(let items) = self { items } else { nil }
    }

    public var object: [String: Value]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The member of an object; `nil` for anything else.
    public subscript(_ key: String) -> Value? { object?[key] }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    public init(nilLiteral: ()) { self = .null }

    public init(dictionaryLiteral elements: (String, Value)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

extension Value: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = Self.attempt({ try container.decode(Bool.self) }) {
            self = .bool(flag)
        } else if let number = Self.attempt({ try container.decode(Int64.self) }) {
            self = .integer(number)
        } else if let number = Self.attempt({ try container.decode(Double.self) }) {
            self = .number(number)
        } else if let text = Self.attempt({ try container.decode(String.self) }) {
            self = .string(text)
        } else if let items = Self.attempt({ try container.decode([Value].self) }) {
            self = .array(items)
        } else {
            self = .object(try container.decode([String: Value].self))
        }
    }

    /// JSON says only by trying which kind of value it is.
    private static func attempt<Result>(_ decode: () throws -> Result) -> Result? {
        do {
            return try decode()
        } catch {
            return nil
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .integer(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .array(let items): try container.encode(items)
        case .object(let members): try container.encode(members)
        }
    }
}
