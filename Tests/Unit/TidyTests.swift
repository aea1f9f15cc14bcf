import Foundation
import Testing

/// The style rules that can be counted, checked over the tree that is being built.
@Suite struct TidyTests {
    static let columnsMax = 100
    static let functionLinesMax = 70
    static let fileLinesMax = 500
    static let medianFileLinesMax = 200
    /// Places that promise thread safety by hand. Raise it only together with a reason in review.
    static let safetyPromisesMax = 12

    static let banned = [
        Ban(text: "try!", instead: "throw a Failure with a code", isName: true),
        Ban(
            text: "try?", instead: "handle the error, or say above the line why it may be lost",
            isName: true, isFineWithReason: true),
        Ban(text: "as!", instead: "a type that needs no cast", isName: true),
        Ban(text: "fatalError(", instead: "precondition for our bugs, Failure for the world's"),
        Ban(text: "Date()", instead: "a Moment that is handed in", isName: true),
        Ban(text: "Date.now", instead: "a Moment that is handed in", isName: true),
        Ban(text: "UUID()", instead: "bytes from Entropy", isName: true),
        Ban(text: ".random(", instead: "a generator that is handed in"),
        Ban(text: "SystemRandomNumberGenerator", instead: "Entropy"),
        Ban(text: "Task.sleep", instead: "a timer of the loop or AgentPort.sleep"),
        Ban(text: "DispatchQueue", instead: "the event loop", isName: true),
        Ban(text: "Thread.", instead: "the event loop", isName: true),
        Ban(text: "NSLock", instead: "Locked", isName: true),
        Ban(text: "[String: Any]", instead: "JSON or a type of its own"),
        Ban(text: "JSONSerialization", instead: "JSON", isName: true),
        Ban(
            text: "print(", instead: "Log, or Output in peer-agent", isName: true,
            except: ["Sources/peer-agent/"]),
    ]

    static let bannedInTests = [
        Ban(text: "Task.sleep", instead: "wait for an event or use virtual time"),
        Ban(text: "Thread.sleep", instead: "wait for an event or use virtual time"),
        Ban(text: "usleep(", instead: "wait for an event or use virtual time"),
        Ban(text: "nanosleep(", instead: "wait for an event or use virtual time"),
        Ban(text: "time.sleep(", instead: "wait for a frame or a log line with a deadline"),
        Ban(text: "asyncio.sleep(", instead: "wait for a frame or a log line with a deadline"),
        Ban(text: "anyio.sleep(", instead: "wait for a frame or a log line with a deadline"),
        Ban(text: "@testable", instead: "package access"),
    ]

    /// What each module may import, beside the standard library.
    static let imports: [Substring: Set<Substring>] = [
        "PeerState": system.union(["CSodium", "CSQLite"]),
        "PeerNet": system.union(["PeerState", "CLibuv"]),
        "PeerNode": ["PeerNet", "PeerState", "FoundationEssentials", "Synchronization"],
        "AgentServer": system.union(["PeerNode", "PeerNet", "PeerState"]),
        "peer-agent": system.union(["AgentServer", "PeerNode", "PeerNet", "PeerState"]),
        "AgentKit": system,
    ]
    static let system: Set<Substring> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Synchronization",
    ]

    @Test func `the tree was found`() {
        #expect(SourceTree.sources.count > 10, "nothing below \(SourceTree.root.path)")
        #expect(SourceTree.others.contains { $0.path == "README.md" })
    }

    @Test func `lines fit in the columns`() {
        report(SourceTree.all, "over \(Self.columnsMax) columns") { file, index in
            let line = file.lines[index]
            return line.utf8.count > Self.columnsMax && line.count > Self.columnsMax
        }
    }

    @Test func `functions are short`() {
        let long = SourceTree.all.flatMap { file in
            functions(in: file).filter { $0.lines > Self.functionLinesMax }
                .map { "\(file.place($0.start)): \($0.lines) lines" }
        }
        expectNone(long, "functions over \(Self.functionLinesMax) lines")
    }

    @Test func `files are short`() {
        let long = SourceTree.all.filter { $0.lines.count > Self.fileLinesMax }
        expectNone(
            long.map { "\($0.path): \($0.lines.count) lines" },
            "files over \(Self.fileLinesMax) lines")
        let lengths = SourceTree.sources.map(\.lines.count).sorted()
        #expect(lengths[lengths.count / 2] < Self.medianFileLinesMax, "median length of Sources")
    }

    @Test(arguments: banned)
    func `sources avoid`(ban: Ban) {
        expectNone(ban.findings(in: SourceTree.sources), "`\(ban.text)`; use \(ban.instead)")
    }

    @Test(arguments: bannedInTests)
    func `tests avoid`(ban: Ban) {
        let python = SourceTree.others.filter { $0.path.hasSuffix(".py") }
        expectNone(
            ban.findings(in: SourceTree.tests + python), "`\(ban.text)`; use \(ban.instead)")
    }

    @Test func `nothing is unwrapped by force`() {
        report(SourceTree.sources, "force unwraps; throw, or guard let") { file, index in
            Self.unwrapsByForce(file.code[index])
        }
    }

    /// Small types that other modules' optimisers have to see (docs/decisions/0043).
    private static let inlined: Set = [
        "Sources/PeerState/CopyOnWrite.swift", "Sources/PeerState/Identity/Identifier.swift",
        "Sources/PeerState/Instant.swift",
    ]

    @Test func `nothing is public`() {
        let files = SourceTree.sources.filter {
            $0.module != "AgentKit" && !Self.inlined.contains($0.path)
        }
        report(files, "public declarations; package is the level between modules") { file, index in
            let line = file.code[index].trimmingPrefix { $0 == " " }
            return line.hasPrefix("public ") || line.hasPrefix("open class ")
        }
    }

    @Test func `promises of thread safety say who keeps them`() {
        let promises = SourceTree.sources.flatMap { file in
            file.code.indices.filter { Self.promisesSafety(file.code[$0]) }.map { (file, $0) }
        }
        let unexplained = promises.filter { !hasSafetyLine($0.0, above: $0.1) }
        expectNone(unexplained.map { $0.0.place($0.1) }, "promises without a // SAFETY: line")
        #expect(
            promises.count <= Self.safetyPromisesMax,
            "@unchecked Sendable and nonisolated(unsafe) must not become more")
    }

    @Test func `modules import downwards only`() {
        let wrong = SourceTree.sources.flatMap { file -> [String] in
            guard let module = file.module, let allowed = Self.imports[module] else { return [] }
            return file.code.enumerated().compactMap { index, line in
                guard let name = Self.importedModule(line), !allowed.contains(name) else {
                    return nil
                }
                return "\(file.place(index)): \(module) imports \(name)"
            }
        }
        expectNone(wrong, "imports against the direction of the modules (ARCHITECTURE)")
    }

    @Test func `open ends name their issue`() {
        let words = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
        report(SourceTree.all + SourceTree.others, "open ends without an issue number") {
            file, index in
            let line = file.lines[index]
            return words.contains { line.contains("\($0):") || line.contains("\($0) ") }
                && !line.contains("#")
        }
    }

    @Test func `no banners`() {
        let mark = "// MA" + "RK"
        report(SourceTree.all, "banners") { file, index in file.lines[index].contains(mark) }
    }

    @Test func `no path of one machine`() {
        let homes = ["ho" + "me", "ro" + "ot", "Us" + "ers", "wo" + "rk"].map { "/\($0)/" }
        report(SourceTree.all + SourceTree.others, "paths of one machine") { file, index in
            homes.contains { home in
                guard let range = file.lines[index].range(of: home) else { return false }
                let before = file.lines[index][..<range.lowerBound].last
                return
                    !(before.map { $0.isLetter || $0.isNumber || "._-}/)".contains($0) } ?? false)
            }
        }
    }
}
