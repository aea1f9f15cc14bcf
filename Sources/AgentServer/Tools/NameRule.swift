/// What a name that goes into the log must not hold.
enum NameRule {
    /// - Errors: `invalid_argument` for control characters, and for spaces alone.
    static func check(_ name: String, _ field: String) throws {
        let hasControl = name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard !hasControl else {
            throw ToolRefusal.invalid(field, "must not hold control characters.")
        }
        guard name.contains(where: { !$0.isWhitespace }) else {
            throw ToolRefusal.invalid(field, "must not be blank.")
        }
    }
}
