import AgentServer
import PeerNode
import PeerState

/// A local file on its way into a channel: its beginning and its end are calls of `upload_file`,
/// of which the last posts it; what lies between goes as bytes.
struct Handover: ~Copyable {
    private let size: Int
    private let file: LocalFile
    private let name: String
    private let mime: String?
    private let post: JSONObject
    private var upload: String?
    private var offset = 0

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

    /// Hands it over.
    ///
    /// - Returns: what the last call came to.
    /// - Errors: `nodeRefused`, `consentNeeded`; `nodeUnreachable` when the node stays away.
    mutating func run(_ transfer: inout Transfer) throws(CLIFailure) -> JSON {
        while true {
            switch try next(&transfer) {
            case .facts(let facts):
                upload = facts["upload_id"]?.string ?? upload
                offset = facts["received"]?.integer.map { Int(clamping: $0) } ?? size
                transfer.show(offset, of: size)
                if offset >= size { return facts }
            case .refused("conflict", let message, _):
                // The node kept only whole chunks over its restart.
                guard let place = Self.place(in: message), place != offset else {
                    throw Transfer.refusal("conflict", message)
                }
                offset = place
            case .refused(let code, let message, _): throw Transfer.refusal(code, message)
            }
        }
    }

    private func next(_ transfer: inout Transfer) throws(CLIFailure) -> ToolAnswer {
        let last = max(0, size - Limits.filePart)
        if let upload, offset < last {
            let bytes = try file.read(at: offset, upTo: min(Limits.commandPart, last - offset))
            return try transfer.hand(bytes, of: upload, at: offset)
        }
        let bytes = try file.read(at: offset, upTo: Limits.filePart)
        return try transfer.call("upload_file", call(bytes))
    }

    private func call(_ bytes: [UInt8]) -> JSONObject {
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
        if offset + bytes.count >= size {
            call.append("last", true)
            for member in post.members { call.append(member.key, member.value) }
        }
        return call
    }

    /// The offset that a conflict names.
    private static func place(in message: String) -> Int? {
        guard let range = message.place(of: "go on at ") else { return nil }
        return Int(message[range.upperBound...].prefix { $0.isNumber })
    }
}
