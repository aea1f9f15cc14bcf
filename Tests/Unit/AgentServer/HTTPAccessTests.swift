import AgentServer
import PeerState
import Testing

/// Hosts, origins, tokens and channel rules as values.
@Suite struct HTTPAccessTests {
    static func head(_ fields: String) -> HTTPHead? {
        var parser = HTTPParser()
        parser.push(Array("GET /mcp HTTP/1.1\r\n\(fields)\r\n\r\n".utf8))
        do throws(HTTPFailure) {
            if case .head(let head) = try parser.next() { return head }
        } catch {
            Issue.record("\(error)")
        }
        return nil
    }

    @Test(arguments: [
        ("Host: localhost:9100", true), ("Host: LOCALHOST", true), ("Host: 127.0.0.1:9100", true),
        ("Host: [::1]:9100", true), ("Host: localhost:9101", false), ("Host: ", false),
        ("Host: localhost.evil.example", false), ("Host: 127.0.0.1.evil.example:9100", false),
        ("Host: localhost\r\nOrigin: http://localhost:1234", true),
        ("Host: localhost\r\nOrigin: null", false),
        ("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost", false),
        ("Host: localhost\r\nOrigin: http://localhost:80:80", false),
        ("Host: localhost\r\nOrigin: ftp://localhost", false),
        ("Host: localhost\r\nOrigin: http://localhost@evil.example", false),
        ("Host: localhost\r\nOrigin: https://app.example", true),
    ]) func `only this machine's names get in on loopback`(fields: String, isIn: Bool) throws {
        let gate = HTTPGate(.loopback(port: 9_100), allowedOrigins: ["https://app.example"])
        let head = try #require(Self.head(fields))
        #expect((gate.refusal(head) == nil) == isIn)
        #expect(gate.refusal(head).map(\.status) == (isIn ? nil : 403))
    }

    @Test func `remote binds and socket files have rules of their own`() throws {
        let remote = HTTPGate(.remote, allowedHosts: ["chat.example"])
        #expect(remote.refusal(try #require(Self.head("Host: chat.example"))) == nil)
        #expect(remote.refusal(try #require(Self.head("Host: localhost"))) != nil)
        let socket = HTTPGate(.unixSocket)
        #expect(socket.refusal(try #require(Self.head("Host: any"))) == nil)
        let page = try #require(Self.head("Host: any\r\nOrigin: http://localhost"))
        #expect(socket.refusal(page) != nil)
    }

    static func book(_ entropy: inout Entropy) -> TokenBook {
        TokenBook(root: SecretBytes(entropy.bytes(32)))
    }

    @Test func `S-295 a token is known by its hash until it ends`() throws {
        var entropy = Entropy.seeded(SeededRandom(seed: 1))
        var book = Self.book(&entropy)
        let order = TokenOrder(label: "bot", grant: TokenGrant(scope: .messaging), life: 1_000)
        let made = try TokenDesk.make(order, in: book, now: 5_000, &entropy)
        #expect(TokenText.isWellFormed(made.text) && made.row.id.count == 10)
        #expect(made.row.hash.count == 32 && !made.row.hash.elementsEqual(Array(made.text.utf8)))
        #expect(book.verdict(made.text, now: 5_000) == .invalid)
        book.put(made.row)
        #expect(book.verdict(made.text, now: 5_999) == .accepted(made.row))
        #expect(book.verdict(made.text, now: 6_000) == .expired)
        #expect(book.verdict(made.text.uppercased(), now: 5_000) == .invalid)
        var revoked = made.row
        revoked.revokedAt = 5_500
        book.put(revoked)
        #expect(book.verdict(made.text, now: 5_600) == .invalid)
        // Another node's key gives another hash.
        var other = Self.book(&entropy)
        other.put(made.row)
        #expect(other.verdict(made.text, now: 5_000) == .invalid)
    }

    @Test func `there is a bound to tokens, and only to those that work`() throws {
        var entropy = Entropy.seeded(SeededRandom(seed: 2))
        var book = Self.book(&entropy)
        let order = TokenOrder(label: "", grant: TokenGrant(scope: .readOnly), life: 1_000)
        for _ in 0..<Limits.tokensMax {
            book.put(try TokenDesk.make(order, in: book, now: 0, &entropy).row)
        }
        let failure = #expect(throws: TokenFailure.self) {
            try TokenDesk.make(order, in: book, now: 0, &entropy)
        }
        #expect(failure?.code == .tooManyTokens)
        #expect(throws: Never.self) { try TokenDesk.make(order, in: book, now: 1_000, &entropy) }
    }

    @Test func `a grant is read back as it was written`() {
        let grants = [
            TokenGrant(scope: .full),
            TokenGrant(
                scope: .admin, toolsets: [.messaging, .invites], tools: ["inbox"],
                channels: ChannelRules(allow: ["#a", "b/*"], deny: ["#c"], direct: false),
                consent: .human),
        ]
        for grant in grants { #expect(TokenGrant(grant.json) == grant) }
        #expect(TokenGrant(["scope": "everything"]) == nil)
        #expect(TokenGrant(["scope": "full", "toolsets": ["no-such"]]) == nil)
    }

    @Test func `tokens, audit and their order survive the store`() async throws {
        let store = try AgentStore.open(path: ":memory:")
        var entropy = Entropy.seeded(SeededRandom(seed: 3))
        let book = Self.book(&entropy)
        var row = try TokenDesk.make(
            TokenOrder(label: "é", grant: TokenGrant(scope: .full)), in: book, now: 7, &entropy
        ).row
        try await store.put(row)
        row.revokedAt = 9
        try await store.put(row)
        #expect(try await store.tokens() == [row])
        for number in 0..<5 as Range<UInt64> {
            store.append(AuditRecord(at: number, ["event": "test", "number": JSON(number)]))
        }
        #expect(try await store.checkAudit() == 5)
        try await store.use { database throws(StoreFailure) in
            try database.run(
                "UPDATE audit SET record = replace(record, 'test', 'fake') WHERE n = 3")
        }
        let failure = await #expect(throws: StoreFailure.self) { try await store.checkAudit() }
        #expect(failure?.code == .corrupt)
        try await store.close()
    }

    @Test(arguments: ["n = 1", "n = 5", "n <= 2", "n >= 4", "n = 3", "1"])
    func `S-297 no record can be taken out of the audit log unseen`(which: String) async throws {
        let store = try AgentStore.open(path: ":memory:")
        #expect(try await store.checkAudit() == 0)
        for number in 0..<5 as Range<UInt64> {
            store.append(AuditRecord(at: number, ["event": "test", "number": JSON(number)]))
        }
        #expect(try await store.checkAudit() == 5)
        try await store.use { database throws(StoreFailure) in
            try database.execute("DELETE FROM audit WHERE \(which)")
        }
        let failure = await #expect(throws: StoreFailure.self) { try await store.checkAudit() }
        #expect(failure?.code == .corrupt)
        try await store.close()
    }

    @Test func `what the audit log drops for its age is not missed`() async throws {
        let store = try AgentStore.open(path: ":memory:")
        let late = Limits.auditKeptFor.count + 3
        for at in [0, 1, 2, late, late + 1] as [UInt64] {
            store.append(AuditRecord(at: at, ["event": "test"]))
            #expect(try await store.checkAudit() > 0)
        }
        #expect(try await store.checkAudit() == 2)
        try await store.close()
    }

    @Test func `S-297 records that could not be written are written later`() async throws {
        let store = try AgentStore.open(path: ":memory:")
        try await store.use { database throws(StoreFailure) in
            try database.execute("ALTER TABLE audit RENAME TO away")
        }
        store.append(AuditRecord(at: 1, ["event": "test"]))
        try await store.ping()
        #expect(store.auditFailure != nil)
        try await store.use { database throws(StoreFailure) in
            try database.execute("ALTER TABLE away RENAME TO audit")
        }
        store.append(AuditRecord(at: 2, ["event": "test"]))
        #expect(try await store.checkAudit() == 2)
        #expect(store.auditFailure == nil)
        try await store.close()
    }
}
