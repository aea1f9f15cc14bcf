import PeerNode
import PeerState

// Copies for the owner's own commands, through the socket file (MCP 16.1: backup, export).
extension MCPHTTPServer {
    /// Copies both databases into a folder that the caller made.
    func copyDatabases(_ body: [UInt8], _ id: UInt64) async {
        do {
            guard let folder = try JSON(parsing: body)["folder"]?.string, folder.hasPrefix("/")
            else { throw StoreFailure(.cannotOpen, "a folder is needed, as a full path") }
            try await dispatcher.port.copyDatabase(to: folder + "/node.db")
            try await store.copyDatabase(to: folder + "/agent.db")
            record(["event": "backup", "principal": "owner"])
            answer(id, HTTPResponse(204))
        } catch {
            answerFailure(error, id)
        }
    }

    /// One page of the signed log of a server, as hexadecimal envelopes.
    func answerEvents(_ body: [UInt8], _ id: UInt64) async {
        do {
            let json = try JSON(parsing: body)
            guard let server = json["server"]?.string.flatMap({ Server.ID(hex: $0) }) else {
                throw NodeFailure(.unknownServer, "a server id of 64 digits is needed")
            }
            let after = try json["after"].map(Self.orderKey)
            let page = try await dispatcher.port.archive(of: server, after: after)
            var object: JSONObject = [
                "events": .array(page.map { .string($0.envelope.hex) })
            ]
            if let last = page.last { object.append("next", Self.json(last.orderKey)) }
            answer(id, .json(200, JSON.object(object).encoded))
        } catch {
            answerFailure(error, id)
        }
    }

    private static func json(_ key: OrderKey) -> JSON {
        [
            "lamport": JSON(key.lamport), "author": .string(key.author.hex), "seq": JSON(key.seq),
            "id": .string(key.id.hex),
        ]
    }

    private static func orderKey(_ json: JSON) throws -> OrderKey {
        guard let lamport = json["lamport"]?.integer, let seq = json["seq"]?.integer,
            let author = json["author"]?.string.flatMap({ Peer.ID(hex: $0) }),
            let id = json["id"]?.string.flatMap({ Event.ID(hex: $0) }), lamport >= 0, seq >= 0
        else { throw NodeFailure(.badCursor, "this page does not say where it begins") }
        return OrderKey(lamport: UInt64(lamport), author: author, seq: UInt64(seq), id: id)
    }

    private func answerFailure(_ error: any Error, _ id: UInt64) {
        let coded = error as? any CodedError
        let object: JSON = [
            "error": [
                "code": .string(coded?.word ?? "internalError"),
                "message": .string(coded?.detail ?? "the node failed"),
            ]
        ]
        answer(id, .json(coded == nil ? 500 : 400, object.encoded))
    }
}
