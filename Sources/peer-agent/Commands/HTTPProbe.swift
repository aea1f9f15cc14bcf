import AgentServer
import Glibc
import PeerState

/// Parses what standard input holds as requests of one connection, and tells what it found.
///
/// - Shape: each input line is the bytes of one connection in hexadecimal; the answer is one line
///   of JSON: `{"requests":[{method,target,version,headers,body}],"error":CODE,"status":N}`.
enum HTTPProbe {
    /// - Errors: `outputFailed`.
    static func run() throws {
        while let line = readLine() {
            guard let bytes = [UInt8](hex: line) else {
                throw CLIFailure(.usage, "each line is bytes in hexadecimal")
            }
            try Output.line(report(bytes).text)
        }
    }

    private static func report(_ bytes: [UInt8]) -> JSON {
        var parser = HTTPParser()
        var requests: [JSON] = []
        var head: HTTPHead?
        parser.push(bytes)
        do throws(HTTPFailure) {
            while let event = try parser.next() {
                switch event {
                case .head(let found): head = found
                case .body(let body):
                    guard let asked = head else { break }
                    requests.append(json(asked, body))
                    head = nil
                    // The connection would end here, whatever follows.
                    if !asked.keepsAlive {
                        return ["requests": .array(requests), "complete": true]
                    }
                }
            }
        } catch {
            return [
                "requests": .array(requests), "error": .string(error.code.word),
                "status": JSON(error.code.status),
            ]
        }
        return ["requests": .array(requests), "complete": .bool(parser.isIdle)]
    }

    private static func json(_ head: HTTPHead, _ body: [UInt8]) -> JSON {
        let fields = head.fields.map { JSON.array([.string($0.name), .string($0.value)]) }
        return [
            "method": .string(head.method), "target": .string(head.target),
            "version": .string("1.\(head.minorVersion)"), "headers": .array(fields),
            "body": .string(body.hex),
        ]
    }
}
