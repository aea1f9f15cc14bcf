import FuzzTargets

/// What the command line asks for; `nil` when it cannot be read.
struct FuzzOptions {
    static let usage = """
        PeerFuzz [--seconds N for all targets] [--seed 0x…] [--target NAME] [--long: 1 h a target]
        PeerFuzz --target NAME --input HEX    one input again
        PeerFuzz --write-corpus FOLDER        seeds for libFuzzer, and the names of all targets
        """

    var seconds = 16.0
    var seed: UInt64?
    var targets = FuzzTarget.all
    var input: [UInt8]?
    /// Where to write the seeds of each target for libFuzzer, one folder a target.
    var corpusFolder: String?

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            if flag == "--long" {
                seconds = 3_600 * Double(targets.count)
                continue
            }
            guard let word = rest.popFirst() else { return nil }
            switch flag {
            case "--seconds":
                guard let value = Double(word), value > 0 else { return nil }
                seconds = value
            case "--seed":
                let digits = word.hasPrefix("0x") ? String(word.dropFirst(2)) : word
                guard let value = UInt64(digits, radix: word.hasPrefix("0x") ? 16 : 10) else {
                    return nil
                }
                seed = value
            case "--write-corpus": corpusFolder = word
            case "--target":
                targets = targets.filter { $0.name == word }
                if targets.isEmpty { return nil }
            case "--input":
                var corpus = SeedCorpus()
                corpus.addHex(in: Array("\"\(word)\"".utf8))
                input = corpus.binary.first ?? []
            default: return nil
            }
        }
    }
}
