import Foundation
import FuzzTargets
import PeerState
import PeerTesting

/// Gives every target its share of the time and reports what broke.
struct FuzzCampaign {
    /// Longer than this for one input is a finding (HOSTILE 4).
    private static let slow = Duration.seconds(1)

    private let options: FuzzOptions
    private let clock = ContinuousClock()

    init(_ options: FuzzOptions) {
        self.options = options
    }

    func run() -> Bool {
        if let input = options.input { return replay(input) }
        let corpus = Self.corpus()
        if let folder = options.corpusFolder { return write(corpus, to: folder) }
        var entropy = Entropy.system
        let seed = options.seed ?? entropy.next()
        print("seed 0x\(String(seed, radix: 16))")
        let share = Duration.seconds(options.seconds / Double(options.targets.count))
        var isFine = true
        for target in options.targets {
            isFine = run(target, corpus, seed: seed, until: clock.now + share) && isFine
        }
        print(isFine ? "0 findings" : "findings above")
        return isFine
    }

    private func write(_ shared: SeedCorpus, to folder: String) -> Bool {
        do {
            for target in options.targets {
                let place = URL(filePath: folder).appending(path: target.name)
                try FileManager.default.createDirectory(
                    at: place, withIntermediateDirectories: true)
                for (number, bytes) in target.corpus(shared).prefix(2_000).enumerated() {
                    try Data(bytes).write(to: place.appending(path: "seed-\(number)"))
                }
                print(target.name)
            }
            return true
        } catch {
            print("the seeds cannot be written: \(error)")
            return false
        }
    }

    private func replay(_ input: [UInt8]) -> Bool {
        for target in options.targets {
            do { try target.check(input) } catch {
                print("FINDING in \(target.name): \(error)")
                return false
            }
        }
        print("nothing found")
        return true
    }

    private func run(
        _ target: FuzzTarget, _ shared: SeedCorpus, seed: UInt64,
        until end: ContinuousClock.Instant
    ) -> Bool {
        var mutator = Mutator(seed: seed)
        let corpus = target.corpus(shared)
        var count = 0
        for bytes in corpus where !check(target, bytes, seed) { return false }
        while clock.now < end {
            for _ in 0..<16 {
                guard check(target, mutator.next(corpus), seed) else { return false }
                count += 1
            }
        }
        print("\(target.name): \(corpus.count) seeds, \(count) mutations")
        return true
    }

    private func check(_ target: FuzzTarget, _ bytes: [UInt8], _ seed: UInt64) -> Bool {
        LastInput.note(target.name, seed: seed, bytes)
        let began = clock.now
        do { try target.check(bytes) } catch {
            report("\(target.name): \(error)", target, bytes, seed)
            return false
        }
        guard clock.now - began < Self.slow else {
            report("\(target.name): took \(clock.now - began)", target, bytes, seed)
            return false
        }
        return true
    }

    private func report(_ text: String, _ target: FuzzTarget, _ bytes: [UInt8], _ seed: UInt64) {
        let hex = bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        print(
            """
            FINDING in \(text)
              seed 0x\(String(seed, radix: 16)), input \(hex)
              replay: PeerFuzz --target \(target.name) --input \(hex)
            """)
    }

    /// Vectors and examples beside the project, where they are.
    private static func corpus() -> SeedCorpus {
        var corpus = SeedCorpus()
        guard let folder = Vectors.folder() else { return corpus }
        do {
            for name in ["cbor", "event", "removal", "noise_xx", "negentropy"] {
                let file = folder.appending(path: "vectors/\(name).json")
                corpus.addHex(in: Array(try Data(contentsOf: file)))
            }
        } catch {
            print("some vectors cannot be read: \(error)")
        }
        let examples = folder.appending(path: "mcp/examples").path()
        let paths = (FileManager.default.enumerator(atPath: examples) ?? .init()).compactMap {
            $0 as? String
        }
        for name in paths.sorted() where name.hasSuffix(".json") {
            guard let data = FileManager.default.contents(atPath: examples + "/" + name),
                data.count < 8_192
            else { continue }
            corpus.json.append(Array(data))
        }
        return corpus
    }
}
