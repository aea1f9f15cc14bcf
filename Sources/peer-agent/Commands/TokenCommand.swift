import AgentServer
import PeerNet
import PeerState

/// Makes, lists and revokes tokens, in the running node or, when none runs, in its files.
struct TokenCommand: Command {
    static let name = "token"
    static let summary = "token create, token list, token revoke ID: who may use HTTP."
    static let synopsis = "create | list | revoke ID"
    static let flags: [Flag] = [
        .dataDirectory, .label, .scope, .toolsets, .tools, .channels, .deny, .noDirect, .expires,
        .consent,
        .resources, .pushFrom, .lockdown, .json,
    ]
    static let maximumWords = 2

    private let path: String
    private let action: KeptAction<TokenOrder>
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        isJSON = arguments.contains(.json)
        action = try KeptAction(arguments, of: Self.name) { () throws(CLIFailure) in
            TokenOrder(
                label: arguments[.label] ?? "", grant: try arguments.grant(),
                life: try Self.life(arguments[.expires] ?? "90d"))
        }
    }

    /// - Returns: milliseconds; `nil` = for ever.
    private static func life(_ text: String) throws(CLIFailure) -> UInt64? {
        if text == "never" { return nil }
        let units: [Character: UInt64] = [
            "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
        ]
        guard let last = text.last, let unit = units[last], let count = UInt64(text.dropLast()),
            (1...100_000).contains(count)
        else {
            throw CLIFailure(.usage, "--expires is \(text.quoted); write 12h, 30d, 8w or never")
        }
        return count * unit
    }

    func run() async throws {
        if let node = LocalNode(dataDirectory: path) {
            try show(try action.ask(node, at: "/control/tokens", \.json))
        } else {
            try show(try await work())
        }
    }

    /// The same without a node, whose place this process takes for the moment.
    private func work() async throws -> JSON {
        guard Paths.exists(path), Paths.exists(try Identity.path(in: path)) else {
            throw StoreFailure(
                .keyMissing, "there is no node in \(path); make one with peer-agent init")
        }
        let directory = try DataDirectory(preparing: path)
        let lock = try ProcessLock(directory)
        let store = try AgentStore.open(directory)
        let result: Result<JSON, any Error>
        do {
            result = .success(try await work(store, directory))
        } catch {
            result = .failure(error)
        }
        try await store.close()
        _ = consume lock
        return try result.get()
    }

    private func work(_ store: AgentStore, _ directory: DataDirectory) async throws -> JSON {
        var entropy = Entropy.system
        let root = try Keystore.localKeys(in: directory, entropy: &entropy)
        let book = TokenBook(root: root, rows: try await store.tokens())
        let now = SystemClock.wallMilliseconds()
        switch action {
        case .list: return ["tokens": .array(book.rows.map { .object($0.json) })]
        case .create(let order):
            let made = try TokenDesk.make(order, in: book, now: now, &entropy)
            try await store.put(made.row)
            let facts: JSONObject = ["event": "token_create", "token_id": .string(made.row.id)]
            store.append(AuditRecord(at: now, facts))
            var object = made.row.json
            object.append("token", .string(made.text))
            return .object(object)
        case .revoke(let id):
            guard var row = book.row(id), row.revokedAt == nil else {
                throw TokenFailure(.unknownToken, "no token \(id.quoted) that works")
            }
            row.revokedAt = now
            try await store.put(row)
            store.append(AuditRecord(at: now, ["event": "token_revoke", "token_id": .string(id)]))
            return .null
        }
    }

    private func show(_ result: JSON) throws(CLIFailure) {
        switch action {
        case .create:
            let token = result["token"]?.string ?? ""
            if isJSON { return try Output.line(result.text) }
            Log.standardError(
                "peer-agent: token \(result["id"]?.string ?? "") is shown once; keep it safe")
            try Output.line(token)
        case .list:
            try KeptAction<TokenOrder>.show(
                result["tokens"], isJSON: isJSON, none: "tokens", Self.line)
        case .revoke(let id):
            try KeptAction<TokenOrder>.showRevoked("token \(id)", isJSON: isJSON)
        }
    }

    private static func line(_ row: JSON) -> String {
        func text(_ key: String) -> String { row[key]?.string?.printable ?? "" }
        let end =
            row["revoked_at"] != nil
            ? "revoked \(text("revoked_at"))"
            : row["expires_at"] != nil ? "until \(text("expires_at"))" : "no end"
        let used = row["last_used_at"] != nil ? "used \(text("last_used_at"))" : "never used"
        return "\(text("id"))  \(text("scope"))  \(end)  \(used)  \(text("label"))"
    }
}
