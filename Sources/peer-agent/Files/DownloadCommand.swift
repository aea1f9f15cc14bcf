import AgentServer
import Glibc
import PeerNode
import PeerState

/// Writes a file of a message to the path that was named, and nowhere else.
///
/// It grows under another name beside that path, where a second call goes on, and takes its place
/// only when it is whole and checked.
struct DownloadCommand: Command {
    static let name = "download"
    static let summary = "download FILE_ID [PATH]: fetches a file; prints where it is."
    static let flags: [Flag] = [.dataDirectory, .config, .overwrite, .json]
    static let maximumWords = 2

    private let dataDirectory: String
    private let access: NodeAccess
    private let file: FileID
    private let path: String
    private let overwrites: Bool
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        guard let text = arguments.words.first, let file = FileID(text) else {
            throw CLIFailure(.usage, "download takes a file id, as messages and upload show it")
        }
        dataDirectory = try arguments.dataDirectoryPath()
        access = try NodeAccess(
            try arguments.withConfiguration(dataDirectory), path: dataDirectory)
        self.file = file
        path = try Paths.absolute(arguments.words.count > 1 ? arguments.words[1] : "")
        overwrites = arguments.contains(.overwrite)
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        try await access.run { _ in try download() }
    }

    private func download() throws(CLIFailure) {
        var transfer = Transfer(
            dataDirectory: dataDirectory, label: "download", isShown: !isJSON)
        let first = try facts(&transfer)
        let target = target(first["filename"]?.string ?? "file")
        guard overwrites || !Self.exists(target) else {
            throw CLIFailure(.badFile, "\(target) is there; --overwrite replaces it")
        }
        let size = first["size"]?.integer.flatMap { Int(exactly: $0) } ?? 0
        let aside = "\(target).\(file.message.short).part"
        try fetch(size, into: aside, &transfer)
        try place(aside, at: target)
        if isJSON {
            let facts: JSON = [
                "file_id": .string(file.text), "path": .string(target), "size": JSON(size),
            ]
            return try Output.line(facts.text)
        }
        try Output.line(target.printable)
    }

    private func fetch(
        _ size: Int, into aside: String, _ transfer: inout Transfer
    ) throws(CLIFailure) {
        let output = try LocalFile(writing: aside)
        var offset = min(try output.size(), size)
        // Read once more at the end at least: with the last bytes the node checks the whole file.
        offset -= offset % Limits.commandPart
        if offset == size { offset = max(0, offset - Limits.commandPart) }
        while offset < size {
            let bytes = try bytes(at: offset, &transfer)
            guard !bytes.isEmpty else {
                throw CLIFailure(.nodeRefused, "the file ends before its size")
            }
            try output.write(bytes, at: offset)
            offset += bytes.count
            transfer.show(offset, of: size)
        }
        try output.finish(at: size)
    }

    /// What the file is. Rights are looked at here, and the audit log is written.
    private func facts(_ transfer: inout Transfer) throws(CLIFailure) -> JSON {
        let arguments: JSONObject = ["file_id": .string(file.text), "length": 1, "raw": true]
        switch try transfer.call("download_file", arguments) {
        case .facts(let facts): return facts
        case .refused(let code, let message, _): throw Transfer.refusal(code, message)
        }
    }

    private func bytes(
        at offset: Int, _ transfer: inout Transfer
    ) throws(CLIFailure) -> [UInt8] {
        switch try transfer.bytes(of: file, at: offset) {
        case .facts(let bytes): return bytes
        case .refused(let code, let message, _): throw Transfer.refusal(code, message)
        }
    }

    /// In a folder the author's name is used, without what could lead elsewhere.
    private func target(_ name: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return path }
        return path + (path.hasSuffix("/") ? "" : "/") + FileName.safe(name)
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// A file that came there meanwhile stays, unless it may be replaced.
    private func place(_ aside: String, at target: String) throws(CLIFailure) {
        if overwrites {
            guard rename(aside, target) == 0 else {
                throw CLIFailure(.badFile, "\(target): \(systemText(errno))")
            }
            return
        }
        guard link(aside, target) == 0 else {
            throw CLIFailure(.badFile, "\(target): \(systemText(errno)); it is in \(aside)")
        }
        unlink(aside)
    }
}
