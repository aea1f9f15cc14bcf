/// The membership each author had in the past of his last event; most next ones are the same.
///
/// A cache of a pure function. Whoever changes what pasts mean forgets it (`forget`), which costs
/// nothing but finding again.
struct StandingMemo: Sendable {
    private struct Entry: Sendable {
        var round: UInt32 = 0
        var past = Past.empty
        var standing: Standing?
    }

    private var entries: [Entry] = []
    private var round: UInt32 = 1

    /// - Returns: `nil` when it is not known; `.some(nil)` for somebody who is no member there.
    func standing(of author: AuthorNumber, at past: Past) -> Standing?? {
        let index = Int(author.index)
        guard index < entries.count, entries[index].round == round,
            entries[index].past == past
        else { return nil }
        return .some(entries[index].standing)
    }

    mutating func keep(_ standing: Standing?, of author: AuthorNumber, at past: Past) {
        let index = Int(author.index)
        while entries.count <= index { entries.append(Entry()) }
        entries[index] = Entry(round: round, past: past, standing: standing)
    }

    mutating func forget() {
        if round == .max { entries = [] }
        round = round == .max ? 1 : round + 1
    }
}
