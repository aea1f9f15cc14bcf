import Foundation
import Glibc

/// A folder of its own for nodes that are real processes; all are gone when the test ends.
package final class AgentClientBench: Sendable {
    package struct CommandResult: Sendable {
        package let ending: ChildProcess.Ending
        package let output: String
        package let standardError: String
    }

    package let folder: String
    private let programPath: String
    private let children = Children()

    private init() throws {
        programPath = try Self.program()
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        var template = Array(parent.appending(path: "peer-e2e-XXXXXX").path().utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ChildProcess.Problem("no temporary folder: errno \(errno)")
        }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Lends a bench for the length of `body`; prints what the nodes logged when it throws.
    package static func run<Value>(
        _ body: (AgentClientBench) async throws -> Value
    ) async throws -> Value {
        let bench = try AgentClientBench()
        do {
            let value = try await body(bench)
            await bench.stop()
            return value
        } catch {
            await bench.stop()
            for child in bench.children.all {
                print("--- \(child.name) logged:\n\(child.standardError.suffix(8_000))")
            }
            throw error
        }
    }

    /// The program under test.
    ///
    /// - Errors: says where it was looked for.
    package static func program() throws -> String {
        if let path = ProcessInfo.processInfo.environment["PEER_AGENT_BIN"] { return path }
        let files = FileManager.default
        let own = try files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let places = [
            URL(filePath: own).deletingLastPathComponent().appending(path: "peer-agent"),
            root.appending(path: ".build/debug/peer-agent"),
        ].map { $0.path() }
        guard let found = places.first(where: { files.isExecutableFile(atPath: $0) }) else {
            throw ChildProcess.Problem(
                "peer-agent is not built; looked at \(places); or set PEER_AGENT_BIN")
        }
        return found
    }

    package func home(_ name: String) -> String { folder + "/" + name }

    /// Starts a node that listens on this machine and has every tool and no rate limits.
    ///
    /// - Parameters:
    ///   - prefix: a program that runs the node, with its arguments.
    ///   - fileBlocks: 512-byte blocks that no file may exceed, as on a full disk.
    package func start(
        _ name: String, era: AgentClient.Era = .modern, flags: [String] = [],
        listen: String = "127.0.0.1:0", prefix: [String] = [], fileBlocks: Int? = nil
    ) async throws -> AgentClient {
        let client = try AgentClient(era: era) { onLine in
            try launch(
                [
                    "run", "--data-dir", home(name), "--name", name, "--listen", listen,
                    "--scope", "full", "--limit", "posting=0", "--limit", "administrative=0",
                    "--limit", "small-acts=0",
                ] + flags, name: name, prefix: prefix, fileBlocks: fileBlocks, onLine: onLine)
        }
        try await client.open()
        return client
    }

    /// Starts the program with any arguments.
    package func launch(
        _ arguments: [String], environment: [String: String] = [:], name: String = "peer-agent",
        prefix: [String] = [], fileBlocks: Int? = nil,
        onLine: (@Sendable ([UInt8]) -> Void)? = nil
    ) throws -> ChildProcess {
        let own = ["HOME": folder].merging(environment) { $1 }
        let limited = fileBlocks.map {
            ["/bin/sh", "-c", "ulimit -f \($0); exec \"$0\" \"$@\"", programPath]
        }
        let words = prefix + (limited ?? [programPath]) + arguments
        let child = try ChildProcess(
            words[0], Array(words.dropFirst()), environment: own, name: name, onLine: onLine)
        children.add(child)
        return child
    }

    /// Runs a command to its end, with nothing on standard input.
    package func command(
        _ arguments: [String], environment: [String: String] = [:], within seconds: Double = 30
    ) async throws -> CommandResult {
        let child = try launch(arguments, environment: environment)
        child.closeInput()
        let ending = try await child.ending(within: seconds)
        return CommandResult(
            ending: ending, output: child.output, standardError: child.standardError)
    }

    private func stop() async {
        for child in children.all { child.signal(SIGKILL) }
        for child in children.all {
            do {
                _ = try await child.ending()
            } catch {
                print("\(error)")
            }
        }
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("\(folder) could not be removed: \(error)")
        }
    }
}

/// The processes of one bench.
// SAFETY: `list` is only touched under `lock`.
private final class Children: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [ChildProcess] = []

    var all: [ChildProcess] { lock.withLock { list } }

    func add(_ child: ChildProcess) { lock.withLock { list.append(child) } }
}
