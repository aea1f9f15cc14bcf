/// Makes strict JSON of a text with comments and trailing commas, and keeps count of lines.
///
/// What is taken out becomes spaces, so that every byte stays in its place.
package struct ConfigurationText: Sendable {
    /// The same length as what was read.
    package let json: [UInt8]
    private let lineStarts: [Int]

    package init(_ text: [UInt8]) {
        var cleaner = Cleaner(text: text)
        json = cleaner.run()
        lineStarts = [0] + text.indices.filter { text[$0] == 0x0A }.map { $0 + 1 }
    }

    /// The number, from 1, of the line in which a byte stands.
    package func line(ofByte offset: Int) -> Int {
        lineStarts.prefix { $0 <= offset }.count
    }

    /// Where each entry begins, by its path such as `mcp.bind`.
    ///
    /// - Precondition: `json` is valid.
    package func lines() -> [String: Int] {
        var walker = Walker(bytes: json)
        return walker.run().mapValues { line(ofByte: $0) }
    }

    /// The path of the last entry that begins before a byte, such as the second of two alike.
    package func entry(before offset: Int) -> String? {
        var walker = Walker(bytes: Array(json.prefix(offset)) + [UInt8(ascii: ":")])
        _ = walker.run()
        return walker.last
    }

    private struct Cleaner {
        let text: [UInt8]
        var result: [UInt8] = []
        /// Of a comma after a value that nothing has followed yet.
        var comma: Int?
        /// Whether a value stands before this place in its list.
        var isAfterValue = false

        mutating func run() -> [UInt8] {
            var place = 0
            while place < text.count {
                switch text[place] {
                case UInt8(ascii: "\""): copyString(&place)
                case UInt8(ascii: "/") where next(place) == UInt8(ascii: "/"):
                    blank(&place) { text, place in text[place] == 0x0A ? 0 : nil }
                case UInt8(ascii: "/") where next(place) == UInt8(ascii: "*"):
                    blank(&place, atLeast: 2) { text, place in
                        text[place...].starts(with: [UInt8(ascii: "*"), UInt8(ascii: "/")])
                            ? 2 : nil
                    }
                default: copy(&place)
                }
            }
            return result
        }

        func next(_ place: Int) -> UInt8? { place + 1 < text.count ? text[place + 1] : nil }

        mutating func copy(_ place: inout Int) {
            let byte = text[place]
            switch byte {
            case UInt8(ascii: ","):
                comma = isAfterValue ? place : nil
                isAfterValue = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if let comma { result[comma] = UInt8(ascii: " ") }
                comma = nil
                isAfterValue = true
            case UInt8(ascii: " "), 0x09, 0x0A, 0x0D: break
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"):
                comma = nil
                isAfterValue = false
            default:
                comma = nil
                isAfterValue = true
            }
            result.append(byte)
            place += 1
        }

        mutating func copyString(_ place: inout Int) {
            comma = nil
            isAfterValue = true
            repeat {
                if text[place] == UInt8(ascii: "\\") && place + 1 < text.count {
                    result.append(text[place])
                    place += 1
                }
                result.append(text[place])
                place += 1
            } while place < text.count && text[place] != UInt8(ascii: "\"")
            if place < text.count {
                result.append(text[place])
                place += 1
            }
        }

        /// - Parameter end: how many bytes end the comment, where it ends.
        mutating func blank(
            _ place: inout Int, atLeast: Int = 0, end: ([UInt8], Int) -> Int?
        ) {
            let first = place
            while place < text.count {
                if place >= first + atLeast, let last = end(text, place) {
                    result += [UInt8](repeating: UInt8(ascii: " "), count: last)
                    place += last
                    return
                }
                result.append(text[place] == 0x0A ? 0x0A : UInt8(ascii: " "))
                place += 1
            }
        }
    }

    private struct Walker {
        let bytes: [UInt8]
        var places: [String: Int] = [:]
        var last: String?
        /// Keys of the objects that are open; `nil` for an array.
        var path: [String?] = []

        mutating func run() -> [String: Int] {
            var place = 0
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "{"): path.append("")
                case UInt8(ascii: "["): path.append(nil)
                case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = path.popLast()
                case UInt8(ascii: "\""): string(&place)
                default: break
                }
                place += 1
            }
            return places
        }

        /// A string before a colon is a key.
        mutating func string(_ place: inout Int) {
            let start = place
            place += 1
            while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            let rest = bytes.dropFirst(place + 1).drop { $0 <= 0x20 }
            guard rest.first == UInt8(ascii: ":"), !path.isEmpty else { return }
            let key = String(decoding: bytes[(start + 1)..<min(place, bytes.count)], as: UTF8.self)
            path[path.count - 1] = key
            guard !path.contains(where: { $0 == nil }) else { return }
            let name = path.compactMap { $0 }.joined(separator: ".")
            last = name
            if places[name] == nil { places[name] = start }
        }
    }
}
