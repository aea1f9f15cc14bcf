import Foundation
import PeerState
import Testing

/// S-233: what a loss of power may leave of the files at any write, and that all acknowledged is
/// there: its events, and its texts or the rows by which they are opened again (decision 0008).
@Suite struct PowerLossTests {
    /// What lay in the files when so many batches had been acknowledged.
    private struct Image {
        var acknowledged: Int
        var database: [UInt8]
        var log: [UInt8]
        var highWater: [UInt8]
        /// The texts that somebody has read.
        var read: Int
    }

    private static let page = 4_096
    private static let frame = 24 + page

    private func read(_ path: String) throws -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Into the same file, as a disk would have it.
    private func write(_ bytes: [UInt8], _ path: String) throws {
        guard let handle = FileHandle(forWritingAtPath: path) else {
            if !bytes.isEmpty { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
            return
        }
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    private func image(
        _ directory: DataDirectory, _ acknowledged: Int, read count: Int
    ) throws -> Image {
        Image(
            acknowledged: acknowledged, database: try read(directory.database),
            log: try read(directory.database + "-wal"), highWater: try read(directory.highWater),
            read: count)
    }

    private func entry(_ number: Int) -> TextEntry {
        var entry = TextEntry(
            message: Made.event(UInt64(number), size: 700).id, channel: Made.channel,
            epoch: Made.id("epoch"), text: "note \(number)", wallMilliseconds: 7)
        (entry.feed, entry.channelSeq) = (UInt64(number), UInt64(number))
        return entry
    }

    private func batch(_ number: Int) -> StoreBatch {
        let event = Made.event(UInt64(number), size: 700)
        var batch = Made.own(event)
        batch.texts = [.show(entry(number))]
        batch.feed = [
            FeedRow(
                position: UInt64(number), server: Made.server, event: event.id,
                kind: "MessageReceived", atMilliseconds: 7, channelSeq: UInt64(number))
        ]
        return batch
    }

    /// Opens what is there and looks for everything that was acknowledged.
    private func expectWhole(_ directory: DataDirectory, _ image: Image, _ place: String) throws {
        for path in [directory.database + "-shm", directory.database + "-wal"] {
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
        }
        try write(image.database, directory.database)
        try write(image.log, directory.database + "-wal")
        try write(image.highWater, directory.highWater)
        let core = try Made.open(directory)
        let found = try core.all().map(\.id)
        let wanted = (1...image.acknowledged).map { Made.event(UInt64($0), size: 700).id }
        #expect(Array(found.prefix(image.acknowledged)) == wanted, "\(place)")
        #expect(found.count <= image.acknowledged + 1, "\(place)")
        #expect(core.opening.verdict == .fine, "\(place): \(core.opening.verdict)")
        // As a start does, which has the keys.
        let numbers = Dictionary(uniqueKeysWithValues: zip(wanted, 1...image.acknowledged))
        var opened: [Int] = []
        try core.refill { event in
            guard let number = numbers[event.id] else { return [] }
            opened.append(number)
            return [.show(entry(number))]
        }
        #expect(opened.allSatisfy { $0 > image.read }, "\(place): \(opened)")
        let shown = try core.messages(of: Made.channel, in: Made.server, .oldest, limit: 100)
        let texts = shown.messages.prefix(image.acknowledged).map(\.text)
        #expect(texts == (1...image.acknowledged).map { "note \($0)" }, "\(place)")
        // It goes on: the next number is free.
        let next = found.count + 1
        try core.commit([batch(next)])
        #expect(try core.all().count == next, "\(place)")
        try core.close()
    }

    /// The log as far as it was synced, and any part of what was being written.
    private func torn(_ before: Image, _ after: Image) -> [(name: String, image: Image)] {
        guard after.log.count > before.log.count, !before.log.isEmpty else { return [] }
        var result: [(name: String, image: Image)] = []
        let frames = (after.log.count - before.log.count) / Self.frame
        for count in 0..<frames {
            var image = before
            image.log = Array(after.log.prefix(before.log.count + count * Self.frame))
            result.append(("\(count) of \(frames) frames", image))
            // A frame of which a part is there, and one whose bytes never came.
            image.log += after.log[image.log.count...].prefix(Self.frame / 2)
            result.append(("\(count) and a half", image))
            image.log += [UInt8](repeating: 0, count: 2 * Self.frame)
            result.append(("\(count) and zeros", image))
        }
        return result
    }

    @Test func `S-233 all acknowledged is there, whatever part of a write was lost`() throws {
        let scratch = try Scratch()
        let directory = try scratch.data()
        let core = try Made.open(directory)
        var images: [Image] = []
        var shown = 0
        for number in 1...12 {
            try core.commit([batch(number)])
            images.append(try image(directory, number, read: shown))
            // Who reads has the texts that wait written first; that is durable with what follows.
            if number.isMultiple(of: 4) {
                _ = try core.messages(of: Made.channel, in: Made.server, .newest, limit: 1)
                shown = number
            }
        }
        // What closing moves from the log into the database may come in any order, and in part.
        let last = try image(directory, 12, read: shown)
        try core.close()
        let closed = try image(directory, 12, read: shown)
        for (before, after) in zip(images, images.dropFirst()) {
            for (name, image) in torn(before, after) {
                try expectWhole(directory, image, "after \(before.acknowledged), \(name)")
            }
        }
        var random = SeededRandom(seed: 233)
        for round in 0..<12 {
            var mixed = last
            for start in stride(from: 0, to: closed.database.count, by: Self.page)
            where Bool.random(using: &random) {
                let end = start + Self.page
                if mixed.database.count < end {
                    mixed.database += [UInt8](repeating: 0, count: end - mixed.database.count)
                }
                mixed.database.replaceSubrange(start..<end, with: closed.database[start..<end])
            }
            try expectWhole(directory, mixed, "closing, round \(round)")
        }
    }
}
