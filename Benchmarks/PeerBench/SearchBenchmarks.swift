import Foundation
import PeerNet
import PeerState
import PeerTesting

/// One store on disk with many readable messages: storing, paging, counting and searching them.
enum SearchBenchmarks {
    static let server: Server.ID = made("server")
    private static let authors: [Peer.ID] = (0..<50).map { made("author \($0)") }
    private static let channels: [Channel.ID] = (0..<20).map { made("channel \($0)") }
    private static let vocabulary = (0..<20_000).map { "word\(String($0, radix: 36))" }

    private static func made<Kind>(_ label: String) -> Identifier<Kind> {
        Identifier(Sodium.blake2b(Array(label.utf8)))
    }

    static func report(count: Int) throws {
        let folder = NSTemporaryDirectory() + "peer-bench-search-\(getpid())"
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { print(error) }
        }
        let plain = try store(folder + "/plain", count: count, withTexts: false)
        try plain.core.close()
        let full = try store(folder + "/full", count: count, withTexts: true)
        let raw = Double(count) / plain.seconds
        let ours = Double(count) / full.seconds
        show("stored with text ÷ without text", raw: raw, ours: ours, bar: 0.3)
        Report.line([
            "cost of the text, µs per message", "",
            Report.ratio((full.seconds - plain.seconds) / Double(count) * 1e6),
        ])
        let size = try full.core.pageCount() * 4 / 1_024
        Report.line(["database, MB", "", "\(size)"])
        try reads(full.core, count)
        try searches(full.core, UInt64(count))
        try reopening(full.core, folder + "/full")
    }

    private static func store(
        _ path: String, count: Int, withTexts: Bool
    ) throws -> (core: StoreCore, seconds: Double) {
        var entropy = Entropy.system
        let core = try StoreCore(
            try DataDirectory(preparing: path), owner: authors[0], entropy: &entropy)
        var random = SeededRandom(seed: 1)
        var seconds = 0.0
        var next: UInt64 = 1
        while next <= count {
            var batch = StoreBatch()
            for number in next..<min(next + 250, UInt64(count) + 1) {
                add(number, to: &batch, withTexts, &random)
            }
            next += 250
            let start = SystemClock.now()
            try core.commit([batch])
            seconds += Double(SystemClock.now().nanoseconds - start.nanoseconds) / 1e9
        }
        return (core, seconds)
    }

    private static func add(
        _ number: UInt64, to batch: inout StoreBatch, _ withTexts: Bool,
        _ random: inout SeededRandom
    ) {
        let author = authors[Int(number % 50)]
        let envelope = (0..<55).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
        let event = StoredEvent(
            id: made("event \(number)"), server: server, author: author, seq: number / 50 + 1,
            lamport: number, kind: 60, envelope: envelope, storedAtMilliseconds: number)
        batch.events.append(event)
        let channel = channels[min(19, Int(random.next() % 40))]
        batch.feed.append(
            FeedRow(
                position: number, server: server, event: event.id, kind: "MessageReceived",
                atMilliseconds: number, channelSeq: number))
        let text = words(12, &random)
        guard withTexts else { return }
        var entry = TextEntry(
            message: event.id, channel: channel, epoch: made("epoch"), text: text,
            wallMilliseconds: number)
        entry.feed = number
        entry.channelSeq = number
        if number % 20 == 0 { entry.parent = made("event \(number - 7)") }
        if number % 50 == 0 { entry.flags = .mention }
        batch.texts.append(.show(entry))
    }

    /// Words as people use them: few often, many rarely.
    private static func words(_ count: Int, _ random: inout SeededRandom) -> String {
        (0..<count).map { _ in
            let uniform = Double(random.next() >> 11) / Double(1 << 53)
            return vocabulary[Int(pow(Double(vocabulary.count), uniform)) - 1]
        }.joined(separator: " ")
    }

    private static func times(_ count: Int, _ body: (Int) throws -> Void) rethrows -> [Double] {
        var times: [Double] = []
        for index in 0..<count {
            let start = SystemClock.now()
            try body(index)
            times.append(Double(SystemClock.now().nanoseconds - start.nanoseconds) / 1e6)
        }
        return times.sorted()
    }

    private static func line(_ title: String, _ times: [Double], _ bar: String) {
        Report.line([
            title + ", ms (p50, p95, worst)", "", Report.ratio(times[times.count / 2]),
            Report.ratio(times[times.count * 95 / 100]), Report.ratio(times.last ?? 0), bar,
        ])
    }

    private static func reads(_ core: StoreCore, _ count: Int) throws {
        var random = SeededRandom(seed: 2)
        let channel = channels[19]
        let pages = try times(200) { index in
            let place = OrderKey.first(
                lamport: random.next() % UInt64(count), author: authors[0], seq: 0)
            let page = try core.messages(
                of: channel, in: server, index.isMultiple(of: 2) ? .before(place) : .after(place),
                limit: 50)
            precondition(page.messages.count <= 50)
        }
        line("page of 50 anywhere", pages, "< 2")
        let unread = try times(20) { _ in
            let unread = try core.unread(in: server, by: "me")
            precondition(unread.count == 20)
        }
        line("unread of 20 channels, nothing read", unread, "")
        let totals = try times(20) { _ in _ = try core.channelTotals(in: server) }
        line("totals of 20 channels", totals, "")
    }

    private static func searches(_ core: StoreCore, _ count: UInt64) throws {
        let places = channels.map { SearchRequest.Place(server: server, channel: $0) }
        var random = SeededRandom(seed: 3)
        var kinds: [(String, (inout SearchRequest, inout SeededRandom) -> Void)] = []
        func kind(
            _ name: String, _ change: @escaping (inout SearchRequest, inout SeededRandom) -> Void
        ) { kinds.append((name, change)) }
        kind("one word") { $0.terms = [SearchTerm(words(1, &$1))] }
        kind("two words") { $0.terms = words(2, &$1).split(separator: " ").map { .init("\($0)") } }
        kind("commonest word") { request, _ in request.terms = [SearchTerm(vocabulary[0])] }
        kind("phrase") { $0.terms = [SearchTerm(words(2, &$1))] }
        kind("prefix") { $0.terms = [SearchTerm(String(words(1, &$1).prefix(6)), isPrefix: true)] }
        kind("word in one channel") {
            $0.terms = [SearchTerm(words(1, &$1))]
            $0.places = [places[3]]
        }
        kind("from and has, no word") {
            $0.authors = [authors[Int($1.next() % 50)]]
            $0.required = .mention
            $0.terms = []
        }
        kind("word with a partner") {
            $0.terms = [SearchTerm(words(1, &$1))]
            $0.partners = [authors[Int($1.next() % 50)]]
        }
        kind("commonest word, old") { request, _ in
            request.terms = [SearchTerm(vocabulary[0])]
            request.before = 500
        }
        kind("commonest word, before any time") {
            $0.terms = [SearchTerm(vocabulary[0])]
            $0.before = $1.next() % count
        }
        kind("word since any time") {
            $0.terms = [SearchTerm(words(1, &$1))]
            $0.since = $1.next() % count
        }
        kind("commonest word with a partner") {
            $0.terms = [SearchTerm(vocabulary[0])]
            $0.partners = [authors[Int($1.next() % 50)]]
        }
        kind("all but the commonest") { request, _ in
            request.terms = [SearchTerm(vocabulary[0], isExcluded: true)]
        }
        var all: [Double] = []
        for (name, change) in kinds {
            let found = try times(40) { _ in
                var request = SearchRequest(terms: [], places: places, limit: 20)
                change(&request, &random)
                _ = try core.search(request)
            }
            line("search: " + name, found, "")
            all += found
        }
        line("search, all kinds", all.sorted(), "< 20")
    }

    private static func reopening(_ core: StoreCore, _ path: String) throws {
        try core.close()
        let directory = try DataDirectory(preparing: path)
        let opening = try times(3) { _ in
            var entropy = Entropy.system
            let core = try StoreCore(directory, owner: authors[0], entropy: &entropy)
            _ = try core.channelTotals(in: server)
            try core.close()
        }
        line("open and read channel totals", opening, "")
        var entropy = Entropy.system
        let core = try StoreCore(directory, owner: authors[0], entropy: &entropy)
        line("compact the index", try times(1) { _ in try core.compactSearch() }, "")
        try core.close()
    }
}
