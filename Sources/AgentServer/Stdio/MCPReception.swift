import PeerState

extension Limits {
    /// Bytes that are read of a client before the node has started.
    package static let receptionBytes = 64 << 10
}

/// Answers how one client of a pipe begins while the node still starts.
///
/// What it introduces itself with needs nothing that is stored. The first message that does, and
/// everything behind it, waits for the session that goes on from here.
package struct MCPReception: Sendable {
    private let configuration: AgentServerConfiguration
    package private(set) var frontEnd = MCPPipeFrontEnd()
    /// Where the session goes on cutting.
    private(set) var lines = LineSplitter()
    /// What was not answered here.
    package private(set) var waiting: [LineSplitter.Line] = []
    private var received = 0

    package init(_ configuration: AgentServerConfiguration) {
        self.configuration = configuration
    }

    package var isFull: Bool { received >= Limits.receptionBytes }

    /// - Returns: frames for the client, with their line breaks.
    package mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
        received += bytes.count
        var frames: [UInt8] = []
        for line in lines.push(bytes) {
            if waiting.isEmpty, let frame = answer(line) {
                frames += frame + [0x0A]
            } else {
                waiting.append(line)
            }
        }
        return frames
    }

    /// `nil` for what the session is to answer, mistakes included.
    private mutating func answer(_ line: LineSplitter.Line) -> [UInt8]? {
        guard case .frame(let bytes) = line else { return nil }
        do {
            let parsed = try JSON.parsing(bytes)
            let rawID = parsed.idRange.map { Array(bytes[$0]) }
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
