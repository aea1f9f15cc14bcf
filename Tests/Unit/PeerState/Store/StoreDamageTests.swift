import Foundation
import PeerState
import Testing

/// H-120, H-122, H-124: what the disk may do, and the code each thing has.
@Suite struct StoreDamageTests {
    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    private func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func code(_ body: () throws -> some Any) -> StoreCode? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? StoreFailure)?.code
        }
    }

    /// A closed store with some events in it.
    private func filled(_ scratch: Scratch) throws -> DataDirectory {
        let directory = try scratch.data()
        let core = try Made.open(directory)
        try core.commit([Made.batch((1...60).map { Made.event(UInt64($0), size: 2_000) })])
        try core.close()
        return directory
    }

    @Test func `H-120 what is no database is refused and kept`() throws {
        for bytes in [
            Array("not a database, but a text".utf8), [0], .init(repeating: 7, count: 9_000),
        ] {
            let scratch = try Scratch()
            let directory = try scratch.data()
            try write(bytes, directory.database)
            #expect(code { try Made.open(directory) } == .corrupt)
            #expect(try read(directory.database) == bytes)
        }
    }

    @Test func `H-120 a foreign and a newer database are refused and kept`() throws {
        let cases: [(String, StoreCode)] = [
            ("CREATE TABLE theirs(x); INSERT INTO theirs VALUES (1);", .foreignDatabase),
            ("PRAGMA application_id = 77;", .foreignDatabase),
            ("PRAGMA user_version = 1;", .foreignDatabase),
            (
                "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 999;",
                .newerSchema
            ),
        ]
        for (script, expected) in cases {
            let scratch = try Scratch()
            let directory = try scratch.data()
            do {
                let theirs = try Database(path: directory.database)
                try theirs.execute(script)
            }
            let before = try read(directory.database)
            #expect(code { try Made.open(directory) } == expected, "\(script)")
            #expect(try read(directory.database) == before)
        }
    }

    @Test(arguments: [0, 1, 100, 4_096, 10_000, 20_480])
    func `H-120 a truncated database is refused and kept`(length: Int) throws {
        let scratch = try Scratch()
        let directory = try filled(scratch)
        let bytes = Array(try read(directory.database).prefix(length))
        try write(bytes, directory.database)
        #expect(code { try Made.open(directory) } == .corrupt)
        #expect(try read(directory.database) == bytes)
    }

    @Test func `a database that is gone while its high-water file is there is not made anew`()
        throws
    {
        let scratch = try Scratch()
        let directory = try filled(scratch)
        try FileManager.default.removeItem(atPath: directory.database)
        #expect(code { try Made.open(directory) } == .corrupt)
    }

    @Test func `damaged pages are found by a check`() throws {
        let scratch = try Scratch()
        let directory = try filled(scratch)
        var bytes = try read(directory.database)
        let pages = bytes.count / 4_096
        for page in 3..<pages where page.isMultiple(of: 2) {
            for offset in 0..<16 { bytes[page * 4_096 + offset] ^= 0x55 }
        }
        try write(bytes, directory.database)
        let found = code {
            let core = try Made.open(directory)
            try core.check()
        }
        #expect(found == .corrupt)
    }

    @Test func `S-236 H-122 a full disk refuses commits, reading goes on, space heals it`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let core = try Made.open(directory)
        try core.commit([Made.own(Made.event(1))])
        try core.limitPages(to: try core.pageCount() + 2)
        var stored: UInt64 = 1
        var refusals = 0
        for seq in UInt64(2)...30 where refusals == 0 {
            let failed = code { try core.commit([Made.own(Made.event(seq, size: 3_000))]) }
            if failed == nil { stored = seq } else { refusals += 1 }
            #expect(failed == nil || failed == .diskFull)
        }
        #expect(refusals == 1)
        #expect(try core.all().map(\.seq) == Array(1...stored))
        #expect(
            code { try core.commit([Made.own(Made.event(stored + 1, size: 3_000))]) } == .diskFull)

        try core.limitPages(to: 1_000_000)
        try core.commit([Made.own(Made.event(stored + 1, size: 3_000))])
        try core.check()
        try core.close()
        let again = try Made.open(directory)
        #expect(again.opening.verdict == .fine)
        #expect(try again.all().map(\.seq) == Array(1...(stored + 1)))
    }

    @Test func `H-122 a database removed while running ends all writing`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let core = try Made.open(directory)
        try core.commit([Made.own(Made.event(1))])
        try FileManager.default.moveItem(
            atPath: directory.database, toPath: directory.database + ".away")
        #expect(code { try core.commit([Made.own(Made.event(2))]) } == .storeFailed)
        try FileManager.default.moveItem(
            atPath: directory.database + ".away", toPath: directory.database)
        // What happened between is unknown, so only a restart writes again.
        #expect(code { try core.commit([Made.own(Made.event(2))]) } == .storeFailed)
        #expect(try core.all() == [Made.event(1)])
    }

    @Test func `a closed store says so`() throws {
        let core = try Made.memory()
        try core.close()
        #expect(code { try core.commit([StoreBatch()]) } == .closed)
        #expect(code { try core.loadServers() } == .closed)
    }

    @Test func `the data directory must be a private directory of its own`() throws {
        let scratch = try Scratch()
        let real = scratch.path + "/real"
        let made = try DataDirectory(preparing: real + "/deep/er/")
        let attributes = try FileManager.default.attributesOfItem(atPath: made.path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        #expect(made.path.hasSuffix("/real/deep/er"))

        let link = scratch.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
        #expect(code { try DataDirectory(preparing: link) } == .cannotOpen)
        #expect(code { try DataDirectory(preparing: link + "/") } == .cannotOpen)
        try write([1], scratch.path + "/file")
        #expect(code { try DataDirectory(preparing: scratch.path + "/file") } == .cannotOpen)
        #expect(code { try DataDirectory(preparing: scratch.path + "/file/in") } == .cannotOpen)
        #expect(code { try DataDirectory(preparing: "") } == .cannotOpen)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: real)
        #expect(code { try DataDirectory(preparing: real) } == .keyExposed)
    }

    @Test func `H-122 a symbolic link in place of a file is not followed`() throws {
        for name in ["node.db", "lock", "high-water"] {
            let scratch = try Scratch()
            let directory = try filled(scratch)
            let (place, elsewhere) = (directory.path + "/" + name, scratch.path + "/elsewhere")
            try FileManager.default.moveItem(atPath: place, toPath: elsewhere)
            try FileManager.default.createSymbolicLink(
                atPath: place, withDestinationPath: elsewhere)
            let before = try read(elsewhere)
            #expect(code { try Made.open(directory) } == .cannotOpen)
            #expect(try read(elsewhere) == before)
        }
    }

    @Test func `H-122 a read-only directory is named so`() throws {
        // To the superuser no directory is read-only.
        guard geteuid() != 0 else { return print("skipped: the superuser may write everywhere") }
        let scratch = try Scratch()
        let directory = try scratch.data()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o500], ofItemAtPath: directory.path)
        #expect(code { try scratch.data() } == .readOnly)
        #expect(code { try Made.open(directory) } == .readOnly)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o700], ofItemAtPath: directory.path)
    }

    @Test(arguments: [
        (13, StoreCode.diskFull), (10, .ioError), (10 | 4 << 8, .storeFailed),
        (10 | 5 << 8, .storeFailed), (26, .corrupt), (11, .corrupt), (8, .readOnly), (5, .busy),
        (6, .busy), (19, .conflict), (7, .outOfMemory), (14, .cannotOpen), (8 | 2 << 8, .readOnly),
    ])
    func `each result of SQLite has its code`(result: Int, expected: StoreCode) {
        #expect(StoreFailure.code(sqlite: Int32(result)) == expected)
    }

    @Test(arguments: [
        (ENOSPC, StoreCode.diskFull), (EDQUOT, .diskFull), (EROFS, .readOnly), (EACCES, .readOnly),
        (EIO, .ioError), (ELOOP, .cannotOpen), (EEXIST, .alreadyExists),
    ])
    func `each error of the system has its code`(number: Int32, expected: StoreCode) {
        #expect(StoreFailure.code(errno: number) == expected)
    }
}
