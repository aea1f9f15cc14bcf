/// What the command line of the fixture server says.
struct FixtureOptions {
    var folder = ""
    var port: UInt16 = 0

    /// Returns `nil` for anything that is not understood.
    init?(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch word {
            case "--data-dir": folder = value
            case "--port":
                guard let number = UInt16(value) else { return nil }
                port = number
            default: return nil
            }
        }
        guard !folder.isEmpty else { return nil }
    }
}
