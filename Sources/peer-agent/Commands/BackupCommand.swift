import AgentServer
import Glibc
import PeerNet
import PeerState

/// Writes a consistent copy of the node into one file, also while it runs.
struct BackupCommand: Command {
    static let name = "backup"
    static let summary = "Writes store, files and keys into one file, also while it runs."
    static let synopsis = "FILE"
    static let flags: [Flag] = [.dataDirectory, .noKeys, .noFiles]
    static let maximumWords = 1

    private static let timeoutSeconds = 3_600

    private let path: String
    private let target: String
    private let hasKeys: Bool
    private let hasFiles: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        guard let file = arguments.words.first else {
            throw CLIFailure(.usage, "backup needs a file: peer-agent backup node.backup")
        }
        target = try Paths.absolute(file)
        hasKeys = !arguments.contains(.noKeys)
        hasFiles = !arguments.contains(.noFiles)
    }

    func run() async throws {
        let peer = try Identity.load(at: path).publicKey
        let directory = try DataDirectory(preparing: path)
        guard !Paths.exists(target) else {
            throw StoreFailure(.alreadyExists, "\(target) is there already; name another file")
        }
        let parent = target.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        try await ScratchFolder.with(in: parent.isEmpty ? "/" : parent) { folder in
            try await copyDatabases(directory, peer, to: folder)
            let whole = folder + "/backup"
            var writer = try BackupWriter(whole)
            for name in ["node.db", "agent.db"] where Paths.exists("\(folder)/\(name)") {
                try writer.add("\(folder)/\(name)", as: name)
            }
            var others = [("config.json", directory.path + "/config.json")]
            if hasKeys {
                others.append(("identity", try Identity.path(in: path)))
                others.append(("local-keys", directory.localKeys))
            }
            for (name, file) in others where Paths.exists(file) {
                try writer.add(file, as: name)
            }
            if hasFiles {
                // After the database, so that whatever a message in it names is here by now.
                for chunk in try BlobShelf.chunks(in: directory.blobs) {
                    try writer.add(chunk, from: directory.blobs)
                }
            }
            try writer.finish(peer: peer, now: SystemClock.wallMilliseconds())
            // `link`, unlike `rename`, never replaces.
            guard link(whole, target) == 0 else {
                throw StoreFailure(errno: errno, "create \(target)")
            }
        }
        if hasKeys {
            Log.standardError(
                "peer-agent: whoever has this file can act as this peer; keep it safe")
        }
        try Output.line(target)
    }

    private func copyDatabases(
        _ directory: DataDirectory, _ peer: Peer.ID, to folder: String
    ) async throws {
        let node = LocalNode(
            dataDirectory: directory.path, timeoutSeconds: Self.timeoutSeconds)
        if let node {
            _ = try node.ask("POST", "/control/backup", ["folder": .string(folder)])
            return
        }
        var entropy = Entropy.system
        let store = try StoreCore(directory, owner: peer, entropy: &entropy)
        try store.copyDatabase(to: folder + "/node.db")
        let agent = try AgentStore.open(directory)
        try await agent.copyDatabase(to: folder + "/agent.db")
        try await agent.close()
        try store.close()
    }
}
