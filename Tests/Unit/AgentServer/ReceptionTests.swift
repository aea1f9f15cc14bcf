import AgentServer
import PeerState
import Testing

/// What a client hears while the node still starts.
@Suite struct ReceptionTests {
    private static let hello =
        #"{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":"#
        + #""2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#
    private static let ping = #"{"jsonrpc":"2.0","id":7,"method":"ping"}"#
    private static let list = #"{"jsonrpc":"2.0","id":8,"method":"tools/list"}"#

    private let configuration = AgentServerConfiguration(version: "1")

    private func line(_ text: String) -> LineSplitter.Line { .frame(Array(text.utf8)) }

    private func answers(_ frames: [UInt8]) throws -> [JSON] {
        try frames.split(separator: 0x0A).map { try JSON(parsing: Array($0)) }
    }

    @Test func `a client is introduced without the node, and once`() throws {
        var reception = MCPReception(configuration)
        let told = try answers(reception.receive(Array((Self.hello + "\n").utf8)))
        #expect(told.map { $0["id"] } == ["a"])
        #expect(told.first?["result"] == configuration.introduction(.june2025, pushes: false))
        #expect(reception.waiting.isEmpty && reception.frontEnd.revision == .june2025)
        // To begin twice is a mistake, which the session says.
        #expect(reception.receive(Array((Self.hello + "\n").utf8)).isEmpty)
        #expect(reception.waiting == [line(Self.hello)])
    }

    @Test func `what needs the node waits, and everything behind it`() throws {
        var reception = MCPReception(configuration)
        let text = [Self.hello, Self.ping, Self.list, Self.ping].joined(separator: "\r\n") + "\n"
        var told: [UInt8] = []
        // However the bytes come.
        for byte in text.utf8 { told += reception.receive([byte]) }
        #expect(try answers(told).map { $0["id"] } == ["a", 7])
        #expect(reception.waiting == [line(Self.list), line(Self.ping)])
    }

    @Test(arguments: [
        "{", " ", "[]", "[\(ping)]", #"{"jsonrpc":"2.0","method":"ping"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"ping","params":1}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
    ])
    func `mistakes are the session's to answer`(line: String) {
        var reception = MCPReception(configuration)
        #expect(reception.receive(Array((line + "\n").utf8)).isEmpty)
        #expect(reception.waiting == [self.line(line)])
        #expect(reception.frontEnd.revision == nil)
        #expect(reception.receive(Array((Self.ping + "\n").utf8)).isEmpty)
    }

    @Test func `a discovery decides nothing`() throws {
        var reception = MCPReception(configuration)
        let meta =
            #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#
            + #""io.modelcontextprotocol/clientCapabilities":{}}"#
        let ask =
            #"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":\#(meta)}}"#
        let told = try answers(reception.receive(Array("\(ask)\n\(Self.hello)\n".utf8)))
        #expect(told.first?["result"] == configuration.introduction(.july2026, pushes: false))
        #expect(told.count == 2 && reception.frontEnd.revision == .june2025)
    }

    @Test func `no more is read than has room`() {
        var reception = MCPReception(configuration)
        _ = reception.receive(Array(repeating: 0x20, count: Limits.receptionBytes - 1))
        #expect(!reception.isFull)
        _ = reception.receive([0x20])
        #expect(reception.isFull)
    }
}
