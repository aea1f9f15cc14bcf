import Foundation
import Glibc

/// What another process of ours holds in memory, for tests that look for what must not be there.
package enum ProcessMemory {
    /// All private writable pages: heap, stacks and data.
    package static func read(of process: Int32) throws -> [UInt8] {
        let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
        let memory = open("/proc/\(process)/mem", O_RDONLY)
        guard memory >= 0 else {
            throw ChildProcess.Problem("cannot read the memory of \(process): errno \(errno)")
        }
        defer { close(memory) }
        var bytes: [UInt8] = []
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 1, words[1].hasPrefix("rw") else { continue }
            let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard ends.count == 2, ends[1] - ends[0] < 512 << 20 else { continue }
            var part = [UInt8](repeating: 0, count: Int(ends[1] - ends[0]))
            let count = pread(memory, &part, part.count, off_t(ends[0]))
            if count > 0 { bytes += part.prefix(count) }
        }
        return bytes
    }

    /// What a node logged, keeps in its folder and holds in memory.
    package static func places(
        of process: ChildProcess, home: String
    ) throws -> [String: [UInt8]] {
        var places = ["log": Array(process.standardError.utf8)]
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: home) {
            places[name] = files.contents(atPath: home + "/" + name).map { Array($0) }
        }
        places["memory"] = try read(of: process.processID)
        return places
    }

    /// Whether `bytes` hold `word` anywhere.
    package static func holds(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first else { return true }
        return bytes.withUnsafeBytes { buffer in
            word.withUnsafeBytes { wanted in
                guard let start = buffer.baseAddress, let sought = wanted.baseAddress else {
                    return false
                }
                var offset = 0
                while let found = memchr(start + offset, Int32(first), bytes.count - offset) {
                    offset = start.distance(to: UnsafeRawPointer(found))
                    guard bytes.count - offset >= word.count else { return false }
                    if memcmp(start + offset, sought, word.count) == 0 { return true }
                    offset += 1
                }
                return false
            }
        }
    }
}
