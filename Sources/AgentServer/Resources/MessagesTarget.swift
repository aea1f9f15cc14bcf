/// The messages of one channel, and which of them.
struct MessagesTarget: Hashable, Sendable {
    let name: String
    let server: String?
    let after: String?
    let before: String?
    let limit: Int

    init?(name: String, query: [String: String]) {
        self.name = name
        server = query["server"]
        after = query["after"]
        before = query["before"]
        let limit = query["limit"].map { Int($0) } ?? 50
        guard let limit, (1...100).contains(limit) else { return nil }
        self.limit = limit
    }
}
