import Testing
import peer_agent

/// What others wrote cannot act on a terminal.
@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("\u{1b}[31mred", "\\u{1b}[31mred"),
        ("bell\u{7}", "bell\\u{7}"),
        ("a\rb", "a\\u{d}b"),
        ("\u{9b}2J", "\\u{9b}2J"),
        ("left\u{202e}right", "left\\u{202e}right"),
        ("a\tb", "a    b"),
        ("two\nlines", "two\\u{a}lines"),
        ("👩‍🚀 ok", "👩‍🚀 ok"),
    ])
    func `a line shows what a terminal would act on`(_ text: String, _ shown: String) {
        #expect(TerminalText.line(text) == shown)
    }

    @Test func `a body keeps its lines, each behind the indent`() {
        #expect(TerminalText.body("a\nb\u{1b}\n", indent: "  ") == "a\n  b\\u{1b}\n  ")
    }

    @Test func `no scalar at all reaches the terminal as a control`() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = TerminalText.body(String(Character(scalar)), indent: "")
            let isControl = shown.unicodeScalars.contains {
                ($0.value < 0x20 && $0 != "\n") || (0x7F...0x9F).contains($0.value)
                    || (0x202A...0x202E).contains($0.value)
                    || (0x2066...0x2069).contains($0.value)
            }
            #expect(!isControl, "U+\(String(value, radix: 16))")
            if isControl { return }
        }
    }

    @Test(arguments: [("abc", 3), ("日本", 4), ("🎉", 2), ("e\u{301}", 1), ("", 0)])
    func `columns are counted as a terminal does`(_ text: String, _ columns: Int) {
        #expect(TerminalText.columns(text) == columns)
    }
}
