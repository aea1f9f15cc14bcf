import PeerNode
import PeerState
import Testing

/// Names that look alike, and the number two people compare.
@Suite struct NameTests {
    @Test(arguments: [
        ("alice", "Alice"), ("alice", "аlice"), ("alice", "ａｌｉｃｅ"), ("alice", "𝐚𝗅𝑖𝒸𝓮"),
        ("alice", "al\u{200B}ice"), ("alice", "alice "), ("alice", "a.l-i_c e"),
        ("bill", "BILL"), ("bill", "bi11"), ("paypal", "раураl"), ("maria", "rnaria"),
        ("Bob", "Воb"), ("otto", "0tt0"), ("café", "cafe\u{301}"), ("alice", "alice·1a2b3c"),
    ])
    func `lookalikes have one skeleton`(one: String, other: String) {
        #expect(NameSkeleton(one) == NameSkeleton(other))
    }

    @Test(arguments: [("alice", "alicia"), ("bob", "rob"), ("Łukasz", "Tomasz"), ("李", "王")])
    func `different names stay different`(one: String, other: String) {
        #expect(NameSkeleton(one) != NameSkeleton(other))
    }

    @Test(arguments: ["System", "аssistant", "ADMIN", "a d m i n", "deadbeef00112233", "Tool"])
    func `names of the system are nobody's`(name: String) {
        #expect(NameSkeleton(name).isReserved)
    }

    @Test(arguments: ["alice", "systematic", "Adele", "李雷", "facade"])
    func `ordinary names are not`(name: String) {
        #expect(!NameSkeleton(name).isReserved)
    }

    /// Computed apart with Python's hashlib: BLAKE2b-256 over the domain and the sorted keys.
    @Test func `the safety number is the same from both sides`() throws {
        let one = try #require(Peer.ID(hex: String(repeating: "11", count: 32)))
        let other = try #require(Peer.ID(hex: String(repeating: "22", count: 32)))
        let text = SafetyNumber.text(one, other)
        #expect(text == SafetyNumber.text(other, one))
        #expect(text == "12310 73328 34513 32465 64004 05538 30718 89925 87889 91594 57507 23257")
        #expect(text.split(separator: " ").map(\.count) == Array(repeating: 5, count: 12))
    }
}
