import AgentServer
import Glibc
import PeerNet
import PeerNode
import PeerState

/// Looks at everything a data directory holds; changes nothing.
struct Doctor {
    /// A clock before this program was written is wrong: 2026-01-01.
    private static let earliestClock: UInt64 = 1_767_225_600_000
    private static let scarceBytes: UInt64 = 64 << 20

    let path: String
    private(set) var report = DoctorReport()

    init(path: String) {
        self.path = path
    }

    mutating func examine() async {
        checkDirectory()
        let key = checkKeys()
        checkFiles()
        checkClock()
        checkSpace()
        guard let key else {
            return
        }
        await checkStores(key.publicKey)
    }

    private mutating func checkDirectory() {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return report.fail(
                "directory", StoreFailure(.keyMissing, "\(path) cannot be looked at"),
                fix: "peer-agent init --data-dir \(path)")
        }
        guard status.st_mode & 0o077 == 0 else {
            return report.warn(
                "directory", "\(path) can be entered by others", fix: "chmod 700 \(path)")
        }
        report.fine("directory", path)
    }

    private mutating func checkKeys() -> SigningKey? {
        do {
            let key = try Identity.load(at: path)
            report.fine("identity", "peer \(key.publicKey.hex)")
            if Paths.exists(path + "/local-keys") {
                var entropy = Entropy.system
                _ = try Keystore.localKeys(
                    in: try DataDirectory(preparing: path), entropy: &entropy)
                report.fine("local keys", "private and of the right size")
            }
            return key
        } catch let failure as StoreFailure where failure.code == .readOnly {
            report.fail(
                "directory", failure, fix: "make it writable as its owner: chmod u+rwx \(path)")
            return nil
        } catch {
            report.fail(
                "identity", error,
                fix: "restore the key file from a backup, or follow the text above")
            return nil
        }
    }

    private mutating func checkFiles() {
        do {
            if let text = try TokenFile.read(path + "/token") {
                report.fine("token", "private (\(text.utf8.count) characters)")
            }
        } catch {
            report.fail("token", error, fix: "remove the file; the next start makes another")
        }
        do {
            let file = try ConfigurationFile.read(path + "/config.json")
            report.fine(
                "configuration", file.map { "\($0.settings.count) settings" } ?? "none: defaults")
        } catch {
            report.fail("configuration", error, fix: "peer-agent check-config")
        }
    }

    private mutating func checkClock() {
        let now = SystemClock.wallMilliseconds()
        guard now < Self.earliestClock else { return report.fine("clock", "plausible") }
        report.warn(
            "clock", "it shows a time before this program existed; others will see wrong times",
            fix: "set the clock, for example with timedatectl set-ntp true")
    }

    private mutating func checkSpace() {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        if free < Self.scarceBytes {
            report.warn(
                "disk", "only \(free >> 20) MiB are free; writing stops when there are none",
                fix: "free some space")
        } else {
            report.fine("disk", "\(free >> 20) MiB free")
        }
    }
}

// Databases.
extension Doctor {
    private mutating func checkStores(_ peer: Peer.ID) async {
        let directory: DataDirectory
        let store: StoreCore
        do {
            directory = try DataDirectory(preparing: path)
            guard Paths.exists(directory.database) else {
                return report.fine("store", "none yet; the first start makes it")
            }
            var entropy = Entropy.system
            store = try StoreCore(
                directory, owner: peer, entropy: &entropy, isForRepair: true)
        } catch {
            return noteUnopened(error)
        }
        do {
            noteOpening(store.opening)
            try checkIntegrity(store)
            try checkEvents(store)
            await checkAgentStore(directory)
            try store.close()
        } catch {
            report.fail("store", error, fix: "restore a backup into another directory")
        }
    }

    private mutating func noteUnopened(_ error: any Error) {
        guard let failure = error as? StoreFailure, failure.code == .locked else {
            let code = (error as? StoreFailure)?.code
            return report.fail(
                "store", error, fix: code?.advice ?? "restore a backup into another directory")
        }
        do {
            let node = try LocalNode(dataDirectory: path)?.ask("GET", "/control/status")
            let peers = node?["peers"]?.integer ?? 0
            report.fine(
                "node",
                node == nil
                    ? "a process holds the directory, but does not answer at its socket file"
                    : "running, \(peers) peers connected")
        } catch {
            report.fail("node", error, fix: "stop it, and start it again")
        }
        report.skip(
            "store", failure, fix: "stop the node, then run doctor again: it reads every page")
    }

    private mutating func noteOpening(_ opening: StoreOpening) {
        switch opening.verdict {
        case .fine: report.fine("high water", "the database is the newest there was")
        case .behind(let gaps):
            report.warn(
                "high water",
                "an older copy was put back: own events of \(gaps.count) servers are missing",
                fix: "start the node; it asks its peers for them before it writes")
        case .moved:
            report.warn(
                "high water", "the directory was copied or moved",
                fix: "start the node; it asks its peers first. Never run two copies")
        case .missing:
            report.warn(
                "high water", "restored from a backup, or the high-water file was lost",
                fix: "start the node; it asks its peers what is missing before it writes")
        }
    }

    private mutating func checkIntegrity(_ store: StoreCore) throws {
        let findings = try store.integrity()
        for finding in findings {
            report.fail(
                "database", CLIFailure(.notHealthy, finding.detail),
                fix: finding.repair == .rebuild
                    ? "peer-agent doctor --rebuild"
                    : "restore a backup, or join again with the same identity: peers have it")
        }
        if findings.isEmpty {
            report.fine("database", "\(try store.pageCount()) pages, all readable and consistent")
        }
    }

    /// Every signature and chain again, as if the log had come from a stranger.
    private mutating func checkEvents(_ store: StoreCore) throws {
        for server in try store.loadServers() {
            var check = LogCheck(server: server)
            var problem: String?
            try store.forEachEvent(of: server) { row in
                guard problem == nil, let found = check.add(row.envelope, id: row.id) else {
                    return
                }
                problem = "event \(row.id.short): \(found)"
            }
            let summary = check.summary
            let name = "server \(server.short)"
            if let problem {
                report.fail(
                    name, CLIFailure(.notHealthy, problem),
                    fix: "restore a backup, or join again with the same identity: peers have it")
            } else if summary.waiting > 0 {
                report.fail(
                    name,
                    CLIFailure(
                        .notHealthy, "\(summary.waiting) events name others that are gone"),
                    fix: "restore a backup, or join again with the same identity: peers have it")
            } else {
                report.fine(
                    name,
                    "\(summary.events) events, all signed and chained; "
                        + "state \(summary.stateHash.short)")
            }
        }
    }

    private mutating func checkAgentStore(_ directory: DataDirectory) async {
        guard Paths.exists(directory.path + "/agent.db") else { return }
        do {
            let store = try AgentStore.open(directory)
            let result: Result<Int, any Error>
            do {
                result = .success(try await store.checkAudit())
            } catch {
                result = .failure(error)
            }
            try await store.close()
            report.fine("audit", "\(try result.get()) records, each linked to the one before")
        } catch {
            report.fail(
                "audit", error, fix: "keep agent.db as evidence; move it away to begin a new log")
        }
    }
}
