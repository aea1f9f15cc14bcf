import Glibc
import PeerNode
import PeerState

/// What the program's own code takes in memory.
enum ProgramMemory {
    /// When the start is over for certain.
    private static let startOver = Milliseconds(500)
    private static let mapBytesMax = 1 << 20

    /// Gives the pages of code back that only the start needed, once it is over.
    ///
    /// They are clean pages of files: what goes on being used comes back at its next use.
    static func trimWhenStarted(_ node: Node, _ log: Log) -> Task<Void, Never> {
        Task {
            do {
                try await node.sleep(startOver)
            } catch {
                return  // It stopped before.
            }
            trim(log)
        }
    }

    private static func trim(_ log: Log) {
        var refusal: Int32 = 0
        for area in codeAreas() {
            let start = UnsafeMutableRawPointer(bitPattern: UInt(area.lowerBound))
            if madvise(start, area.count, MADV_DONTNEED) != 0 { refusal = errno }
        }
        if refusal != 0 {
            log.log(.debug, "code stays in memory: \(systemText(refusal))")
        }
    }

    /// Addresses of code and constants from files, which nothing writes to.
    private static func codeAreas() -> [Range<Int>] {
        var areas: [Range<Int>] = []
        var before: Area?
        for line in maps().split(separator: UInt8(ascii: "\n")) {
            let area = Area(line)
            if let area, area.rights == "r-xp" {
                // Constants stand before the code of their file. What stands behind it was
                // written to by the loader.
                if let before, before.rights == "r--p", before.path == area.path {
                    areas.append(before.addresses)
                }
                areas.append(area.addresses)
            }
            before = area
        }
        return areas
    }

    /// A part of a file in memory.
    private struct Area {
        let addresses: Range<Int>
        let rights: Substring
        let path: Substring

        init?(_ line: ArraySlice<UInt8>) {
            let words = Substring(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count >= 6, words[5].hasPrefix("/") else { return nil }
            let ends = words[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            guard ends.count == 2, ends[0] < ends[1] else { return nil }
            addresses = ends[0]..<ends[1]
            rights = words[1]
            path = words[5]
        }
    }

    private static func maps() -> [UInt8] {
        let file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        while text.count < mapBytesMax {
            let count = read(file, &part, part.count)
            guard count > 0 else { break }
            text += part[..<count]
        }
        return text
    }
}
