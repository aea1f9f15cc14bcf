import Foundation
import PeerNet
package import PeerNode
package import PeerState

/// Real nodes on loopback sockets and real files, in this process.
package enum LiveNodes {
    /// Runs `body` with nodes `0..<count`, then stops them and removes their files.
    package static func with(
        _ count: Int, log: Log = .silent, _ body: ([Node]) async throws -> Void
    ) async throws {
        let loop = EventLoop()
        loop.start()
        let root = try temporaryDirectory()
        var nodes: [Node] = []
        var problem: (any Error)?
        do {
            for index in 0..<count {
                var options = NodeOptions(dataDirectory: root + "/node\(index)")
                options.displayName = "node\(index)"
                options.listen = "127.0.0.1:0"
                options.log = log
                nodes.append(try await Node.start(options, on: loop))
            }
            try await body(nodes)
        } catch {
            problem = error
        }
        for node in nodes { await node.stop() }
        nodes.removeAll()
        loop.stop()
        try FileManager.default.removeItem(atPath: root)
        if let problem { throw problem }
    }

    package static func remove(_ folder: String) {
        do { try FileManager.default.removeItem(atPath: folder) } catch {
            print("\(folder) could not be removed: \(error)")
        }
    }

    package static func temporaryDirectory() throws -> String {
        var template = Array("\(NSTemporaryDirectory())peer-agent-test-XXXXXX".utf8CString)
        guard let path = mkdtemp(&template) else {
            throw NodeFailure(.internalError, "no temporary directory")
        }
        return String(cString: path)
    }
}
