import Foundation
import Testing

/// A page of the contract whose table rows, `| S-041 | …`, tests are to carry by their ids.
struct DesignPage: Sendable {
    /// Of the rows, not of those that other rows speak of.
    let ids: Set<String>

    /// - Returns: nil where the contract is not beside this checkout.
    init?(_ name: String, rows letter: Character) {
        let shared =
            ProcessInfo.processInfo.environment["PEER_SHARED"].map { URL(filePath: $0) }
            ?? SourceTree.root.deletingLastPathComponent().appending(path: "shared")
        let file = shared.appending(path: "design/\(name).md")
        guard let bytes = FileManager.default.contents(atPath: file.path) else { return nil }
        ids = Set(
            String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                .filter { $0.hasPrefix("| \(letter)-") }.map { String($0.dropFirst(2).prefix(5)) })
    }

    /// Each row has a test or a reason, and nothing else has either.
    func expectCarried(_ carried: Set<String>, exceptions: [String: String]) {
        let excepted = Set(exceptions.keys)
        #expect(ids.subtracting(carried).subtracting(excepted).sorted() == [], "without a test")
        #expect(carried.subtracting(ids).sorted() == [], "of no row")
        #expect(excepted.subtracting(ids).sorted() == [], "excepted, and no row")
        #expect(excepted.intersection(carried).sorted() == [], "excepted, and has a test")
    }
}
