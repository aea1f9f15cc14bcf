import PeerNode
import PeerState
import Testing

/// S-163: whom a text names.
@Suite struct MentionScanTests {
    private static func peer(_ number: UInt8) -> Peer.ID {
        SigningKey(seed: [UInt8](repeating: number, count: 32)).publicKey
    }

    private static let ann = peer(1)
    private static let annLee = peer(2)
    private static let bob = peer(3)
    private static let twins = [peer(4), peer(5)]
    private static let li = peer(6)

    private static let members: [(id: Peer.ID, name: String)] = [
        (ann, "ann"), (annLee, "ann lee"), (bob, "Bob"), (twins[0], "sam"), (twins[1], "SAM"),
        (li, "李"),
    ]

    private func named(_ text: String) -> [Peer.ID] {
        MentionScan(text, members: Self.members).mentioned
    }

    @Test func `S-163 exact handles, in either case, wherever a word ends`() {
        for text in [
            "@ann", "hi @ann!", "(@ann)", "@ANN's", "@ann, look", "\n@ann\n", "@ann.",
            "@ann\u{200B}",
        ] {
            #expect(named(text) == [Self.ann], "\(text)")
        }
        #expect(named("@ann lee, hello") == [Self.annLee])
        #expect(named("@bob and @Ann") == [Self.ann, Self.bob].sorted())
        #expect(named("@李さん") == [Self.li])
        #expect(named("@ann @ann @ann") == [Self.ann])
    }

    @Test func `S-163 what is no handle names nobody`() {
        for text in [
            "", "@", "@ ann", "@you", "@an", "@anna", "@ann_b", "@ann-marie", "@annä", "me@ann",
            "@\u{200B}ann", "@a\u{200B}nn", "@a\u{200D}nn", "ann", "@everyone", "@@",
        ] {
            #expect(named(text) == [], "\(text)")
        }
    }

    @Test func `S-163 code names nobody, and what follows it does`() {
        for text in ["`@ann`", "```\n@ann\n```", "``a ` @ann``", "`x` `@ann`"] {
            #expect(named(text) == [], "\(text)")
        }
        #expect(named("`code` @ann") == [Self.ann])
        #expect(named("a ` alone, @ann") == [Self.ann])
        #expect(named("``` never closed @ann") == [Self.ann])
    }

    @Test func `S-163 a name that members share is left plain and told, unless its case decides`() {
        let scan = MentionScan("@Sam and @Sam again, @ann", members: Self.members)
        #expect(scan.mentioned == [Self.ann])
        #expect(scan.unresolved == ["Sam"])
        #expect(named("@sam") == [Self.twins[0]])
        #expect(named("@SAM") == [Self.twins[1]])
    }

    @Test func `S-163 the beginning of a key names its owner`() {
        #expect(named("@\(Self.bob.hex)") == [Self.bob])
        #expect(named("@\(Self.bob.hex.prefix(16).uppercased()) hi") == [Self.bob])
        #expect(named("@\(Self.bob.hex.prefix(15))") == [])
        #expect(named("@0000000000000000") == [])
    }

    @Test func `S-163 no more are named than a message holds`() {
        let many = (0..<60 as Range<UInt8>).map { (id: Self.peer(100 + $0), name: "m\($0)") }
        let text = many.map { "@\($0.name)" }.joined(separator: " ")
        let scan = MentionScan(text, members: many)
        #expect(scan.mentioned == many.prefix(MessageText.mentionsMax).map { $0.id }.sorted())
    }
}
