import PeerState
import Testing

/// Bounds by name (MCP 14).
@Suite struct OperatorLimitTests {
    @Test func `every bound has its own name, found again, and may be what it is`() {
        let names = OperatorLimit.allCases.map { $0.name }
        #expect(Set(names).count == names.count)
        for limit in OperatorLimit.allCases {
            #expect(OperatorLimit.named(limit.name) == limit)
            #expect(limit.range(knowing: false).contains(limit.usual))
            let wide = limit.range(knowing: true)
            #expect(wide.upperBound >= limit.range(knowing: false).upperBound)
            #expect(limit.value == limit.usual)
        }
        #expect(OperatorLimit.named("http.body") == nil)
    }

    @Test func `eight times the usual needs no word, and where the format ends none helps`() {
        #expect(OperatorLimit.httpBodyBytes.range(knowing: false) == 1...(32 << 20))
        #expect(OperatorLimit.httpBodyBytes.range(knowing: true).upperBound == 4_000 << 20)
        #expect(OperatorLimit.messageBody.range(knowing: true) == 1...16_384)
        #expect(OperatorLimit.fileSize.range(knowing: false).upperBound == 200 << 20)
        #expect(OperatorLimit.fileSize.range(knowing: true).upperBound == 256 << 20)
    }
}
