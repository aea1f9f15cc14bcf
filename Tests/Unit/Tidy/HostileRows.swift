/// Rows of HOSTILE section 3 that no test here carries, one line an id, with the reason.
enum HostileRows {
    static let exceptions: [String: String] = [:]
}
