import AgentServer
import PeerNode
import PeerState

/// Posts a file of this machine into a channel, through the running node.
struct UploadCommand: Command {
    static let name = "upload"
    static let summary = "upload CHANNEL PATH: posts a file; prints its file id."
    static let flags: [Flag] = [.dataDirectory, .caption, .mime, .json]
    static let maximumWords = 2

    private let dataDirectory: String
    private let channel: String
    private let path: String
    private let caption: String?
    private let mime: String?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        guard arguments.words.count == 2 else {
            throw CLIFailure(.usage, "upload takes a channel and the path of a file")
        }
        dataDirectory = try arguments.dataDirectoryPath()
        channel = arguments.words[0]
        path = try Paths.absolute(arguments.words[1])
        caption = arguments[.caption]
        mime = arguments[.mime]
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        let file = try LocalFile(reading: path)
        let size = try file.size()
        guard size > 0 else { throw CLIFailure(.badFile, "\(path) is empty") }
        var transfer = Transfer(
            dataDirectory: dataDirectory, label: "upload", isShown: !isJSON)
        var upload: String?
        var offset = 0
        while true {
            let bytes = try file.read(at: offset, upTo: Limits.filePart)
            let isLast = offset + bytes.count >= size
            let part = arguments(bytes, at: offset, of: size, upload, isLast: isLast)
            switch try transfer.call("upload_file", part) {
            case .facts(let facts):
                upload = facts["upload_id"]?.string ?? upload
                offset += bytes.count
                transfer.show(offset, of: size)
                if isLast { return try show(facts) }
            case .refused("conflict", let message, _):
                // The node kept only whole chunks over its restart.
                guard let place = Transfer.offset(in: message), place != offset else {
                    throw Transfer.refusal("conflict", message)
                }
                offset = place
            case .refused(let code, let message, _): throw Transfer.refusal(code, message)
            }
        }
    }

    private func arguments(
        _ bytes: [UInt8], at offset: Int, of size: Int, _ upload: String?, isLast: Bool
    ) -> JSONObject {
        var object: JSONObject = [
            "offset": JSON(offset), "data": .string(Base64.encode(bytes)),
        ]
        if let upload {
            object.append("upload_id", .string(upload))
        } else {
            let name = path.split(separator: "/").last.map(String.init) ?? "file"
            object.append("filename", .string(name))
            object.append("size", JSON(size))
            if let mime { object.append("mime", .string(mime)) }
        }
        if isLast {
            object.append("last", true)
            object.append("channel", .string(channel))
            if let caption { object.append("caption", .string(caption)) }
        }
        return object
    }

    private func show(_ facts: JSON) throws(CLIFailure) {
        if isJSON { return try Output.line(facts.text) }
        try Output.line(facts["file_id"]?.string ?? "")
    }
}
