import Foundation

/// The project's own files as they lie on disk while its tests run.
enum SourceTree {
    /// Three folders above this file.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let sources = swift(below: "Sources")
    static let tests = swift(below: "Tests")
    static let benchmarks = swift(below: "Benchmarks")
    static let all = sources + tests + benchmarks

    /// Python and shell files, recipes and pages.
    static let others: [SourceFile] =
        files(below: "Tests", suffixes: [".py", ".txt", ".sh"])
        + files(below: "docs", suffixes: [".md"])
        + [
            "dev", "justfile", ".ci/run", "Package.swift", "README.md", "ARCHITECTURE.md",
            "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md",
        ].compactMap(read)

    private static func swift(below folder: String) -> [SourceFile] {
        files(below: folder, suffixes: [".swift"])
    }

    private static func files(below folder: String, suffixes: [String]) -> [SourceFile] {
        let start = root.appendingPathComponent(folder).path
        guard let walk = FileManager.default.enumerator(atPath: start) else { return [] }
        return walk.compactMap { $0 as? String }
            .filter { name in suffixes.contains { name.hasSuffix($0) } }
            .sorted()
            .compactMap { read("\(folder)/\($0)") }
    }

    private static func read(_ path: String) -> SourceFile? {
        let file = root.appendingPathComponent(path)
        guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
        return SourceFile(path: path, contents: String(decoding: data, as: UTF8.self))
    }
}
