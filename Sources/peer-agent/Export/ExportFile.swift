import AgentServer
import Glibc
import PeerState

/// Where an export goes: a new private file, or standard output.
///
/// A file that was not finished is taken away again: half an export looks like a whole one.
final class ExportFile {
    private let descriptor: Int32
    private let path: String?
    private var waiting: [UInt8] = []
    private var isFinished = false

    /// - Errors: `alreadyExists` and those of the system.
    init(_ path: String?) throws {
        self.path = path
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw StoreFailure(.alreadyExists, "\(path) is there already; name another file")
            }
            throw StoreFailure(errno: errno, "create \(path)")
        }
    }

    deinit {
        guard let path, descriptor >= 0 else { return }
        close(descriptor)
        if !isFinished { unlink(path) }
    }

    func line(_ json: JSON) throws(CLIFailure) {
        json.write(into: &waiting)
        waiting.append(0x0A)
        if waiting.count > 1 << 16 { try flush() }
    }

    func flush() throws(CLIFailure) {
        try Output.write(waiting, to: descriptor)
        waiting.removeAll(keepingCapacity: true)
    }

    /// Everything is on disk when it returns.
    func finish() throws {
        try flush()
        guard let path, fsync(descriptor) != 0 else {
            isFinished = true
            return
        }
        throw StoreFailure(errno: errno, "sync \(path)")
    }
}
