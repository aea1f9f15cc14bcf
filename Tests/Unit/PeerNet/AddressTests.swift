import PeerNet
import PeerState
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        "1.2.3.4:1", "0.0.0.0:65535", "example.org:4646", "a-b.c0:80", "[::1]:4646", "LOCALHOST:1",
        "[2001:db8::1]:9", "[::ffff:1.2.3.4]:5", "x:1", "1e.a3:1",
    ])
    func `addresses print as they are written`(text: String) {
        #expect(Address(text)?.description == text)
    }

    @Test(arguments: [
        "", ":1", "1.2.3.4", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:01", "1.2.3.4:65536", "1.2.3.4:+1",
        "1.2.3:1", "1.2.3.256:1", "01.2.3.4:1", "1.2.3.4.5:1", "-a.org:1", "a-.org:1", "a..b:1",
        "a.org.:1", "a_b.org:1", "münchen.de:1", "::1:1", "[::1]", "[::1:1", "[fe80::1%eth0]:1",
        "[1.2.3.4]:1", "[]:1", "a b:1", "a:1 ", "a:1\n", "[::1]x:1", "12:1", "a.3:1",
    ])
    func `what is no address is skipped`(text: String) {
        #expect(Address(text) == nil)
    }

    @Test func `the length counts in all`() {
        let label = String(repeating: "a", count: 61)
        let name = "\(label).\(label)"
        #expect(Address("\(name):4646") != nil)
        #expect(Address("\(name)a:4646") == nil)
        #expect(Address("\(String(repeating: "a", count: 64)):1") == nil)
    }

    @Test func `a listener may ask for any port`() {
        #expect(Address(listening: "127.0.0.1:0")?.port == 0)
        #expect(Address(listening: "127.0.0.1:00") == nil)
    }
}
