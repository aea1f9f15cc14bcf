import Testing
@Test func `it builds`() { #expect(1 + 1 == 2) }
