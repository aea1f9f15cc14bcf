import PeerState

extension Limits {
    /// Bytes of a client that wait for the node to start; above it no more are read.
    package static let receptionBytes = 64 << 10
}

/// Answers how one client of a pipe begins while the node still starts.
///
/// What it introduces itself with needs nothing that is stored. The first message that does, and
/// everything behind it, waits for the session that goes on from here.
package struct MCPReception: Sendable {
    private let configuration: AgentServerConfiguration
    package private(set) var frontEnd = MCPPipeFrontEnd()
    /// What was not answered here.
    package private(set) var rest: [UInt8] = []
    private var isOver = false

    package init(_ configuration: AgentServerConfiguration) {
        self.configuration = configuration
    }

    package var isFull: Bool { rest.count >= Limits.receptionBytes }

    /// - Returns: frames for the client, with their line breaks.
    package mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        rest += bytes
        var frames: [UInt8] = []
        while !isOver, let end = rest.firstIndex(of: 0x0A) {
            if let frame = answer(Array(rest[..<end])) {
                frames += frame + [0x0A]
                rest.removeSubrange(...end)
            } else {
                isOver = true
            }
        }
        return frames
    }

    /// `nil` for what the session is to answer, mistakes included.
    private mutating func answer(_ line: [UInt8]) -> [UInt8]? {
        do {
            let parsed = try JSON.parsing(line)
            let rawID = parsed.idRange.map { Array(line[$0]) }
            guard case .request(let request) = MCPMessage(parsed.value, rawID: rawID) else {
                return nil
            }
            var next = frontEnd
            let admission = try next.admit(request)
            let result: JSON
            switch admission.method {
            case .initialize, .discover:
                result = configuration.introduction(
                    admission.revision, pushes: configuration.pushes)
            case .ping: result = [:]
            default: return nil
            }
            frontEnd = next
            return MCPFrame.answer(request.id, .result(result))
        } catch {
            return nil
        }
    }
}
