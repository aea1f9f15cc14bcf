import AgentServer
import Glibc
import PeerState

/// The configuration that makes an MCP client start the user's own node.
///
/// - Source: MCP 16.6.
enum ClientSnippet {
    /// - Parameters: absolute paths.
    static func stdio(program: String, dataDirectory: String) -> String {
        """
        {
          "mcpServers": {
            "peer-agent": {
              "command": \(JSON.string(program).text),
              "args": ["run", "--scope", "full"],
              "env": { "PEER_AGENT_HOME": \(JSON.string(dataDirectory).text) }
            }
          }
        }
        """
    }

    /// Where this very program lies.
    static func programPath() -> String {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { readlink("/proc/self/exe", $0, buffer.count) } ?? 0
        }
        guard count > 0 else { return CommandLine.arguments.first ?? "peer-agent" }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
