/// Checks that bytes are exactly one item of the canonical CBOR subset, without building a value.
///
/// - Errors: the first failing check of PROTOCOL 2 names the code. Allocates nothing.
package enum CBORScan {
    package static func check(_ bytes: [UInt8]) throws(Failure<WireCode>) {
        var cursor = Cursor(bytes: bytes)
        try cursor.item(depth: 0, isKey: false)
        if cursor.position != bytes.count { throw Failure(.cborTrailing) }
    }

    private struct Cursor {
        let bytes: [UInt8]
        var position = 0
        private var left: Int { bytes.count - position }

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func item(depth: Int, isKey: Bool) throws(Failure<WireCode>) {
            _ = try value(depth: depth, isKey: isKey)
        }

        /// Reads one item and returns its argument, which is what map keys are compared by.
        private mutating func value(depth: Int, isKey: Bool) throws(Failure<WireCode>) -> UInt64 {
            let head = try head(isKey: isKey)
            switch head.major {
            case 2, 3:
                guard head.argument <= UInt64(left) else { throw Failure(.cborLength) }
                let end = position + Int(head.argument)
                if head.major == 3, !UTF8Check.isWellFormed(bytes[position..<end]) {
                    throw Failure(.cborUTF8)
                }
                position = end
            case 4, 5:
                try container(head.argument, isMap: head.major == 5, depth: depth)
            default: break
            }
            return head.argument
        }

        private mutating func container(
            _ count: UInt64, isMap: Bool, depth: Int
        ) throws(Failure<WireCode>) {
            guard depth < Limits.maxNesting else { throw Failure(.cborDepth) }
            let itemsEach: UInt64 = isMap ? 2 : 1
            guard count <= UInt64(left) / itemsEach else { throw Failure(.cborLength) }
            var previous: UInt64?
            for _ in 0..<count {
                if isMap {
                    let key = try value(depth: depth + 1, isKey: true)
                    if let previous {
                        if key == previous { throw Failure(.cborDuplicateKey) }
                        if key < previous { throw Failure(.cborKeyOrder) }
                    }
                    previous = key
                }
                try item(depth: depth + 1, isKey: false)
            }
        }

        private mutating func head(
            isKey: Bool
        ) throws(Failure<WireCode>) -> (major: UInt8, argument: UInt64) {
            guard left > 0 else { throw Failure(.cborTruncated) }
            let initial = bytes[position]
            let major = initial >> 5
            let info = initial & 31
            if isKey && major != 0 { throw Failure(.cborKeyType) }
            if (28...30).contains(info) { throw Failure(.cborReserved) }
            if info == 31 { throw Failure(.cborIndefinite) }
            if major == 1 || major == 6 { throw Failure(.cborType) }
            if major == 7 && !(20...22).contains(info) { throw Failure(.cborType) }
            position += 1
            return (major, try argument(info))
        }

        private mutating func argument(_ info: UInt8) throws(Failure<WireCode>) -> UInt64 {
            guard info >= 24 else { return UInt64(info) }
            let size = 1 << Int(info - 24)
            guard left >= size else { throw Failure(.cborTruncated) }
            var argument: UInt64 = 0
            for offset in 0..<size { argument = argument << 8 | UInt64(bytes[position + offset]) }
            let smallest: UInt64 = size == 1 ? 24 : 1 << UInt64(size * 4)
            guard argument >= smallest else { throw Failure(.cborNonShortest) }
            position += size
            return argument
        }
    }
}

/// Well-formed UTF-8 as Unicode defines it: no surrogates, no overlong forms, at most U+10FFFF.
package enum UTF8Check {
    package static func isWellFormed(_ bytes: some Collection<UInt8>) -> Bool {
        // The standard library's validation is exactly Unicode's table 3-7.
        String(validating: bytes, as: UTF8.self) != nil
    }
}
