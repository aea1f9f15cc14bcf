import Testing
import peer_agent

/// Typing at a terminal, key by key.
@Suite struct LineEditorTests {
    private func type(_ text: String, into editor: inout LineEditor) -> [LineEditor.Action] {
        editor.handle(Array(text.utf8))
    }

    @Test(arguments: [
        ("hello\r", "hello"),
        ("helo\u{1b}[Dl\r", "hello"),
        ("xhello\u{1}\u{1b}[3~\r", "hello"),
        ("hello world\u{17}\u{7f}\r", "hello"),
        ("lost\u{15}hello\r", "hello"),
        ("hello all\u{1b}[H\u{1b}[C\u{1b}[C\u{1b}[C\u{1b}[C\u{1b}[C\u{b}\r", "hello"),
        ("grüße 🎉\r", "grüße 🎉"),
        ("日本\u{7f}\r", "日"),
        ("e\u{301}x\u{7f}\u{7f}ok\r", "ok"),
        ("\u{1b}[200~two\nlines\u{1b}[201~\r", "two\nlines"),
        ("a\u{1b}[999;12zb\r", "ab"),
    ])
    func `keys make the line`(_ typed: String, _ line: String) {
        var editor = LineEditor()
        #expect(type(typed, into: &editor).last == .submit(line))
        #expect(editor.text == "")
    }

    @Test func `bytes that come one by one are the same keys`() {
        var editor = LineEditor()
        var actions: [LineEditor.Action] = []
        for byte in "ä\u{1b}[Dö\r".utf8 { actions += editor.handle([byte]) }
        #expect(actions.last == .submit("öä"))
    }

    @Test func `bytes that are no text do nothing`() {
        var editor = LineEditor()
        _ = editor.handle([0xFF, 0xC3, 0x41, 0xE2, 0x82, 0x1B, 0x5B, 0x41, 0x80])
        #expect(editor.text == "A")
    }

    @Test func `up and down walk through what was said, and back to the draft`() {
        var editor = LineEditor()
        _ = type("one\rtwo\rdra", into: &editor)
        _ = type("\u{1b}[A", into: &editor)
        #expect(editor.text == "two")
        _ = type("\u{1b}[A\u{1b}[A", into: &editor)
        #expect(editor.text == "one")
        _ = type("\u{1b}[B\u{1b}[B", into: &editor)
        #expect(editor.text == "dra")
    }

    @Test func `control C clears a line and then asks to leave`() {
        var editor = LineEditor()
        #expect(type("abc\u{3}", into: &editor) == [.redraw])
        #expect(type("\u{3}", into: &editor) == [.interrupt])
        #expect(type("\u{4}", into: &editor) == [.end])
    }

    @Test(arguments: [10, 20, 40, 200])
    func `the cursor is always in sight`(_ columns: Int) {
        var editor = LineEditor()
        let text = "a long line, with 日本 and 🎉 and more and more and more"
        _ = type(text, into: &editor)
        for _ in 0...text.count {
            let view = editor.view(prompt: "> ", columns: columns)
            #expect(TerminalText.columns(view.line) < columns)
            #expect((2..<columns).contains(view.cursor))
            _ = type("\u{1b}[D", into: &editor)
        }
    }
}
