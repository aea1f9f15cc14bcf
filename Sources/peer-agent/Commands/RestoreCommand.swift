import AgentServer
import Glibc
import PeerNet
import PeerState

/// Unpacks a backup into a data directory that holds no node.
///
/// The high-water file is not part of a backup, so the node starts as recovering: it writes nothing
/// until peers have handed back what may be missing (PROTOCOL 5.8, F6).
struct RestoreCommand: Command {
    static let name = "restore"
    static let summary = "Unpacks a backup into an empty data directory."
    static let synopsis = "FILE"
    static let flags: [Flag] = [.dataDirectory, .force]
    static let maximumWords = 1

    /// What a node leaves in its directory, beside what a backup holds.
    private static let others = [
        "high-water", "node.db-wal", "node.db-shm", "agent.db-wal", "agent.db-shm",
    ]

    private let path: String
    private let source: String
    private let isForced: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        path = try arguments.dataDirectoryPath()
        guard let file = arguments.words.first else {
            throw CLIFailure(.usage, "restore needs a file: peer-agent restore node.backup")
        }
        source = try Paths.absolute(file)
        isForced = arguments.contains(.force)
    }

    func run() async throws {
        let reader = try BackupReader(source)
        let directory = try DataDirectory(preparing: path)
        let lock = try ProcessLock(directory)
        let names = BackupReader.names.sorted() + Self.others
        let inTheWay = names.filter { Paths.exists("\(directory.path)/\($0)") }
        if let name = inTheWay.first, !isForced {
            throw CLIFailure(
                .notEmpty,
                "\(directory.path) holds \(name) already; name another directory with --data-dir, "
                    + "or add --force to put what is there aside")
        }
        let manifest = try await ScratchFolder.with(in: directory.path) { folder in
            let (manifest, chunks) = try reader.unpack(into: folder)
            try check(folder, manifest)
            try setAside(inTheWay, in: directory.path)
            try place(chunks, of: manifest, from: folder, in: directory)
            for part in manifest.parts {
                try move("\(folder)/\(part.name)", to: "\(directory.path)/\(part.name)")
            }
            return manifest
        }
        _ = consume lock
        tell(manifest, directory)
        try Output.line(directory.path)
    }

    /// The database must open, and be whole, before anything else is touched.
    private func check(_ folder: String, _ manifest: BackupManifest) throws {
        var entropy = Entropy.system
        let store = try StoreCore(path: folder + "/node.db", entropy: &entropy)
        try store.check()
        // Cursors of what came after the backup would point at other events here.
        try store.disown()
        try store.close()
        for name in ["node.db-wal", "node.db-shm"] { unlink("\(folder)/\(name)") }
    }

    /// Puts chunks of files beside those that are there: equal names are equal bytes.
    private func place(
        _ chunks: [Chunk.ID], of manifest: BackupManifest, from folder: String,
        in directory: DataDirectory
    ) throws(StoreFailure) {
        if chunks.count < manifest.chunks {
            Log.standardError(
                "peer-agent: \(manifest.chunks - chunks.count) parts of files were damaged "
                    + "before they were backed up; they are fetched again when somebody reads them")
        }
        guard !chunks.isEmpty else { return }
        let shelf = try BlobShelf(folder: directory.blobs)
        for chunk in chunks {
            try move("\(folder)/\(chunk.hex)", to: "\(directory.blobs)/\(chunk.hex)")
        }
        try shelf.sync()
    }

    private func move(_ path: String, to target: String) throws(StoreFailure) {
        guard rename(path, target) == 0 else {
            throw StoreFailure(errno: errno, "create \(target)")
        }
    }

    /// Keeps what a forced restore replaces, under names of its own.
    private func setAside(_ names: [String], in folder: String) throws {
        guard !names.isEmpty else { return }
        let aside = "\(folder)/replaced-\(SystemClock.wallMilliseconds())"
        guard mkdir(aside, 0o700) == 0 else { throw StoreFailure(errno: errno, "make \(aside)") }
        for name in names where rename("\(folder)/\(name)", "\(aside)/\(name)") != 0 {
            throw StoreFailure(errno: errno, "move \(folder)/\(name)")
        }
        Log.standardError("peer-agent: what was there is now in \(aside)")
    }

    private func tell(_ manifest: BackupManifest, _ directory: DataDirectory) {
        if !Paths.exists(directory.identity) {
            Log.standardError(
                "peer-agent: the backup holds no keys; put the identity back before starting, or "
                    + "the node becomes another peer")
        }
        Log.standardError(
            "peer-agent: never run the old copy again; the node asks its peers what is missing "
                + "before it writes")
    }
}
