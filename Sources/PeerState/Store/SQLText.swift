/// The text of a statement, by which its prepared form is found again.
///
/// A plain literal is known by its place in the program, so that no text is hashed at each use; one
/// that was put together is known by its characters.
package enum SQLText: Hashable, ExpressibleByStringInterpolation {
    case fixed(UnsafePointer<UInt8>)
    case made(String)

    package init(stringLiteral text: StaticString) {
        self = .fixed(text.utf8Start)
    }

    package init(_ text: String) {
        self = .made(text)
    }

    /// One that is put together once, for as long as the program runs.
    init(kept text: String) {
        let characters = Array(text.utf8) + [0]
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: characters.count)
        copy.initialize(from: characters, count: characters.count)
        self = .fixed(UnsafePointer(copy))
    }

    package init(stringInterpolation parts: Parts) {
        self = .made(parts.text)
    }

    /// Literals end with a zero byte, as SQLite wants them.
    var text: String {
        switch self {
        case .fixed(let start): String(cString: start)
        case .made(let text): text
        }
    }

    package struct Parts: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ part: StaticString) {
            text += part.description
        }

        package mutating func appendInterpolation(_ part: some CustomStringConvertible) {
            text += part.description
        }
    }
}
