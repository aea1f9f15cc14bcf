import Foundation
import PeerState
import Testing

/// PROTOCOL 5.8, F6: a node that came back older, or elsewhere, must notice.
@Suite struct HighWaterTests {
    private let files = FileManager.default
    private let databaseNames = ["node.db", "node.db-wal"]

    private func copy(_ names: [String], from: String, to: String) throws {
        for name in names where files.fileExists(atPath: from + "/" + name) {
            // Contents only, so that the target keeps its inode.
            let data = try Data(contentsOf: URL(fileURLWithPath: from + "/" + name))
            if let handle = FileHandle(forWritingAtPath: to + "/" + name) {
                try handle.truncate(atOffset: 0)
                try handle.write(contentsOf: data)
                try handle.close()
            } else {
                try data.write(to: URL(fileURLWithPath: to + "/" + name))
            }
        }
    }

    private func write(_ seqs: ClosedRange<UInt64>, _ directory: DataDirectory) throws {
        let core = try Made.open(directory)
        for seq in seqs { try core.commit([Made.own(Made.event(seq))]) }
        try core.close()
    }

    private func verdict(_ directory: DataDirectory) throws -> HighWaterVerdict {
        let core = try Made.open(directory)
        defer { #expect(throws: Never.self) { try core.close() } }
        return core.opening.verdict
    }

    @Test func `an ordinary restart is fine`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try write(1...3, directory)
        #expect(try verdict(directory) == .fine)
        try write(4...4, directory)
        #expect(try verdict(directory) == .fine)
    }

    @Test func `a restored older copy is behind until recovery is settled`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let backup = try scratch.data("backup")
        try write(1...3, directory)
        try copy(databaseNames, from: directory.path, to: backup.path)
        try write(4...6, directory)
        try copy(databaseNames, from: backup.path, to: directory.path)
        let behind = HighWaterVerdict.behind([Made.server: HeadGap(stored: 3, high: 6)])
        #expect(try verdict(directory) == behind)
        #expect(try verdict(directory) == behind)

        let core = try Made.open(directory)
        // Fetched from peers: no own commit, so no head is recorded.
        try core.commit([Made.batch((4...6).map { Made.event($0) })])
        try core.settleHighWater()
        try core.close()
        #expect(try verdict(directory) == .fine)
    }

    @Test func `settling below the old mark is possible, for the operator who decides it`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let backup = try scratch.data("backup")
        try write(1...3, directory)
        try copy(databaseNames, from: directory.path, to: backup.path)
        try write(4...6, directory)
        try copy(databaseNames, from: backup.path, to: directory.path)
        let core = try Made.open(directory)
        try core.settleHighWater()
        try core.commit([Made.own(Made.event(4, branch: "again"))])
        try core.close()
        #expect(try verdict(directory) == .fine)
    }

    @Test func `an empty database with an old high-water file is behind`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let empty = try scratch.data("empty")
        try write(1...3, directory)
        let core = try Made.open(empty)
        try core.close()
        try copy(databaseNames, from: empty.path, to: directory.path)
        #expect(
            try verdict(directory) == .behind([Made.server: HeadGap(stored: 0, high: 3)]))
    }

    @Test func `a copied, a moved and a replaced directory have moved`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try write(1...3, directory)
        let copied = try scratch.data("copied")
        try copy(databaseNames + ["high-water"], from: directory.path, to: copied.path)
        #expect(try verdict(copied) == .moved)
        #expect(try verdict(copied) == .moved)
        #expect(try verdict(directory) == .fine)

        try files.moveItem(atPath: directory.path, toPath: scratch.path + "/elsewhere")
        let elsewhere = try scratch.data("elsewhere")
        #expect(try verdict(elsewhere) == .moved)
        let core = try Made.open(elsewhere)
        try core.settleHighWater()
        try core.close()
        #expect(try verdict(elsewhere) == .fine)

        // The same place, but another file.
        try files.copyItem(atPath: elsewhere.database, toPath: elsewhere.path + "/copy")
        try files.removeItem(atPath: elsewhere.database)
        try files.moveItem(atPath: elsewhere.path + "/copy", toPath: elsewhere.database)
        #expect(try verdict(elsewhere) == .moved)
    }

    @Test func `what a killed process left opens with everything acknowledged`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let core = try Made.open(directory)
        for seq in UInt64(1)...5 { try core.commit([Made.own(Made.event(seq))]) }
        // Never closed: the log beside the database holds what was committed.
        let snapshot = try scratch.data("snapshot")
        try copy(databaseNames + ["high-water"], from: directory.path, to: snapshot.path)
        let after = try Made.open(snapshot)
        #expect(try after.all().map(\.seq) == [1, 2, 3, 4, 5])
        #expect(after.opening.verdict == .moved)
    }

    @Test func `without its file nothing can be said, unless nothing was written`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let core = try Made.open(directory)
        try core.commit([Made.batch([Made.event(1, by: Made.id("somebody"))])])
        try core.close()
        try files.removeItem(atPath: directory.highWater)
        #expect(try verdict(directory) == .fine)
        try write(1...2, directory)
        try files.removeItem(atPath: directory.highWater)
        #expect(try verdict(directory) == .missing)
        #expect(try verdict(directory) == .missing)
        let again = try Made.open(directory)
        try again.settleHighWater()
        try again.close()
        #expect(try verdict(directory) == .fine)
    }

    @Test(arguments: [0, 1, 127, 128, 4_000])
    func `a high-water file cut short or with a broken beginning is missing`(length: Int) throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try write(1...2, directory)
        let url = URL(fileURLWithPath: directory.highWater)
        var data = try Data(contentsOf: url)
        #expect(data.count == 4_096)
        if length == 128 { data[9] ^= 1 } else { data = data.prefix(length) }
        try data.write(to: url)
        #expect(try verdict(directory) == .missing)
    }

    @Test(arguments: [128, 128 + 40, 128 + 70, 128 + 127])
    func `a torn slot makes its server count as behind`(position: Int) throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        try write(1...2, directory)
        let url = URL(fileURLWithPath: directory.highWater)
        var data = try Data(contentsOf: url)
        data[position] ^= 1
        try data.write(to: url)
        guard case .behind(let gaps) = try verdict(directory) else {
            Issue.record("not behind")
            return
        }
        #expect(gaps.count == 1)
        if position > 128 { #expect(gaps[Made.server] == HeadGap(stored: 2, high: nil)) }
    }

    @Test func `many servers have their slots, and an erased one frees its own`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let servers: [Server.ID] = (0..<100).map { Made.id("server \($0)") }
        let core = try Made.open(directory)
        for server in servers { try core.commit([Made.own(Made.event(1, in: server))]) }
        // One batch may hold several heads of one server: the highest stays.
        var batch = Made.own(Made.event(2, in: servers[7]))
        batch.ownHeads.append(
            OwnHead(server: servers[7], seq: 1, id: Made.event(1, in: servers[7]).id))
        try core.commit([batch])
        var erasure = StoreBatch()
        erasure.erasedServers = [servers[3]]
        try core.commit([erasure])
        try core.close()
        #expect(try verdict(directory) == .fine)

        let other = try scratch.data("other")
        let empty = try Made.open(other)
        try empty.close()
        try copy(databaseNames, from: other.path, to: directory.path)
        guard case .behind(let gaps) = try verdict(directory) else {
            Issue.record("not behind")
            return
        }
        #expect(gaps.count == 99 && gaps[servers[3]] == nil)
        #expect(gaps[servers[7]] == HeadGap(stored: 0, high: 2))
    }

    @Test func `a refused commit leaves no mark above the database`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let core = try Made.open(directory)
        try core.commit([Made.own(Made.event(1))])
        try core.limitPages(to: try core.pageCount())
        #expect(throws: StoreFailure.self) {
            try core.commit([Made.own(Made.event(2, size: 60_000))])
        }
        try core.close()
        #expect(try verdict(directory) == .fine)
    }
}
