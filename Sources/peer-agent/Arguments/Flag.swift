/// One long flag: its name, what follows it, and its line of help.
struct Flag: Hashable, Sendable {
    enum Shape: Hashable, Sendable {
        case presence
        /// The word that stands for the value in the help.
        case value(String)
        /// May be given several times.
        case values(String)
    }

    /// Without the two dashes.
    let name: String
    let shape: Shape
    /// One sentence for the help.
    let summary: String

    init(_ name: String, _ shape: Shape, _ summary: String) {
        self.name = name
        self.shape = shape
        self.summary = summary
    }

    init(_ name: String, _ summary: String) {
        self.init(name, .presence, summary)
    }

    var spelled: String { "--" + name }

    var placeholder: String? {
        switch shape {
        case .presence: nil
        case .value(let word), .values(let word): word
        }
    }

    /// The variable that stands in for the flag, such as `PEER_AGENT_DATA_DIR`.
    ///
    /// - Source: MCP 16.5.
    var variable: String {
        "PEER_AGENT_" + String(name.map { $0 == "-" ? "_" : Character($0.uppercased()) })
    }
}
