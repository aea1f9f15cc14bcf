import AgentServer
import PeerNode
import PeerState

/// A local file as the calls of `upload_file` that hand it over: the first names it, the last
/// posts it.
struct FileParts: ~Copyable {
    let size: Int
    private let file: LocalFile
    private let name: String
    private let mime: String?
    private let post: JSONObject

    /// - Parameter post: what the last call says besides: channel, caption and so on.
    /// - Errors: `badFile` for a file that cannot be read, or is empty.
    init(of path: String, mime: String? = nil, post: JSONObject) throws(CLIFailure) {
        let file = try LocalFile(reading: path)
        let size = try file.size()
        guard size > 0 else { throw CLIFailure(.badFile, "\(path) is empty") }
        self.size = size
        self.file = file
        name = path.split(separator: "/").last.map(String.init) ?? "file"
        self.mime = mime
        self.post = post
    }

    /// The call for what begins at `offset`, and where the next one begins.
    ///
    /// - Parameter upload: as the first call returned it; `nil` for the first.
    func part(
        at offset: Int, of upload: String?
    ) throws(CLIFailure) -> (call: JSONObject, next: Int) {
        let bytes = try file.read(at: offset, upTo: Limits.filePart)
        var call: JSONObject = [
            "offset": JSON(offset), "data": .string(Base64.encode(bytes)),
        ]
        if let upload {
            call.append("upload_id", .string(upload))
        } else {
            call.append("filename", .string(name))
            call.append("size", JSON(size))
            if let mime { call.append("mime", .string(mime)) }
        }
        let next = offset + bytes.count
        if next >= size {
            call.append("last", true)
            for member in post.members { call.append(member.key, member.value) }
        }
        return (call, next)
    }
}
