import PeerState
import Testing

/// Looking for a part of a text or of bytes.
struct CollectionPartTests {
    @Test(arguments: [
        ("abcabc", "bc", 1), ("aab", "ab", 1), ("abc", "abc", 0), ("abc", "", 0), ("", "", 0),
    ])
    func `the first place is found`(text: String, part: String, place: Int) {
        let found = text.place(of: part)
        #expect(found.map { text.distance(from: text.startIndex, to: $0.lowerBound) } == place)
        #expect(found.map { String(text[$0]) } == part)
        #expect(Array(text.utf8).place(of: part.utf8) == place..<place + part.utf8.count)
        #expect(text.holds(part))
    }

    @Test(arguments: [("abc", "bd"), ("ab", "abc"), ("", "a"), ("aXb", "ab")])
    func `what is not there has no place`(text: String, part: String) {
        #expect(text.place(of: part) == nil)
        #expect(!text.utf8.holds(part.utf8))
    }
}
