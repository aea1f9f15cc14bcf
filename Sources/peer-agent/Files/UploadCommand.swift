import AgentServer
import PeerNode
import PeerState

/// Posts a file of this machine into a channel, through the running node or one for as long as it
/// takes.
struct UploadCommand: Command {
    static let name = "upload"
    static let summary = "upload CHANNEL PATH: posts a file; prints its file id."
    static let flags: [Flag] = [.dataDirectory, .config, .caption, .mime, .json]
    static let maximumWords = 2

    private let dataDirectory: String
    private let access: NodeAccess
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
        access = try NodeAccess(
            try arguments.withConfiguration(dataDirectory), path: dataDirectory)
        channel = arguments.words[0]
        path = try Paths.absolute(arguments.words[1])
        caption = arguments[.caption]
        mime = arguments[.mime]
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        var post: JSONObject = ["channel": .string(channel)]
        if let caption { post.append("caption", .string(caption)) }
        var file = try Handover(of: path, mime: mime, post: post)
        try await access.run { _ in
            var transfer = Transfer(
                dataDirectory: dataDirectory, label: "upload", isShown: !isJSON)
            try show(try file.run(&transfer))
        }
    }

    private func show(_ facts: JSON) throws(CLIFailure) {
        if isJSON { return try Output.line(facts.text) }
        try Output.line(facts["file_id"]?.string ?? "")
    }
}
