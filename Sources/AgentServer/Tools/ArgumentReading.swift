import PeerState

/// Reads single JSON values of arguments, and says which argument is wrong and how.
enum ArgumentReading {
    /// - Parameter bytes: allowed UTF-8 length; one over it is `too_large` when `isBody`.
    static func text(
        _ json: JSON, _ name: String, bytes: ClosedRange<Int>, isBody: Bool = false
    ) throws -> String {
        guard let text = json.string else { throw ToolRefusal.invalid(name, "must be a string.") }
        let count = text.utf8.count
        guard count >= bytes.lowerBound else {
            throw ToolRefusal.invalid(name, "must not be empty.")
        }
        guard count <= bytes.upperBound else {
            let problem = "\(count) bytes, but at most \(bytes.upperBound) are allowed."
            throw isBody
                ? ToolRefusal(.tooLarge, "\(name): \(problem) Send it in parts.")
                : ToolRefusal.invalid(name, problem)
        }
        guard !text.utf8.contains(0) else {
            throw ToolRefusal.invalid(name, "must not hold a NUL character.")
        }
        return text
    }

    static func integer(_ json: JSON, _ name: String, _ range: ClosedRange<Int>) throws -> Int {
        guard let value = json.integer, let value = Int(exactly: value) else {
            throw ToolRefusal.invalid(name, "must be a whole number.")
        }
        guard range.contains(value) else {
            throw ToolRefusal.invalid(
                name, "must be from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    static func flag(_ json: JSON, _ name: String) throws -> Bool {
        guard let value = json.bool else {
            throw ToolRefusal.invalid(name, "must be true or false.")
        }
        return value
    }

    static func texts(_ json: JSON, _ name: String, atMost count: Int) throws -> [String] {
        guard let items = json.array else {
            throw ToolRefusal.invalid(name, "must be an array of strings.")
        }
        guard items.count <= count else {
            throw ToolRefusal.invalid(name, "must have at most \(count) entries.")
        }
        return try items.map { try text($0, name, bytes: 1...256) }
    }
}
