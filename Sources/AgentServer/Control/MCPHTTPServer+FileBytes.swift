import PeerNode
import PeerState

extension Limits {
    /// Bytes of a file that a command of the owner hands over or reads at once.
    package static let commandPart = 1 << 20
}

// The middle of files, as bytes, for the owner's own commands. How a file begins, and that it is
// posted, goes through tools: there rights are looked at, and the audit log is written.
extension MCPHTTPServer {
    package static let filesPath = "/control/files/"
    package static let uploadsPath = "/control/uploads/"

    /// `GET /control/files/FILE_ID/OFFSET`: bytes from there on; fewer than a part at the end of a
    /// chunk, none at the end of the file.
    func answerFileBytes(_ path: Substring, _ id: UInt64) async {
        do {
            let words = path.split(separator: "/")
            guard words.count == 2, let file = FileID(String(words[0])),
                let offset = Int(words[1]), (0...Limits.maxFile).contains(offset)
            else { throw NodeFailure(.invalidArgument, "a file id and an offset are needed") }
            let part = try await dispatcher.port.readFile(
                file, at: offset, count: Limits.commandPart)
            let type = HTTPHead.Field(name: "Content-Type", value: "application/octet-stream")
            answer(id, HTTPResponse(200, [type], body: part.bytes))
        } catch {
            answer(fileFailure: error, id)
        }
    }

    /// `POST /control/uploads/UPLOAD_ID/OFFSET`: takes bytes of an upload that `upload_file` began.
    func takeFileBytes(_ path: Substring, _ body: [UInt8], _ id: UInt64) async {
        do {
            let words = path.split(separator: "/")
            guard words.count == 2, let offset = Int(words[1]), !body.isEmpty else {
                throw NodeFailure(.invalidArgument, "an upload id, an offset and bytes are needed")
            }
            let progress = try await dispatcher.port.upload(
                UploadPart(
                    principal: Access.owner.principal, upload: String(words[0]), offset: offset,
                    bytes: body, isLast: false))
            answer(id, .json(200, JSON.object(["received": JSON(progress.received)]).encoded))
        } catch {
            answer(fileFailure: error, id)
        }
    }

    /// In the words of tools, which the same commands read.
    private func answer(fileFailure error: any Error, _ id: UInt64) {
        let failure = error as? NodeFailure ?? NodeFailure(.internalError, "\(error)")
        let refusal = ToolRefusal(failure, permission: nil)
        answer(id, .json(400, JSON.object(["error": .object(refusal.error)]).encoded))
    }
}
