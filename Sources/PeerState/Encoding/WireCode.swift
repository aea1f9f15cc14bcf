/// Why bytes or an event's place in its chain were refused.
///
/// - Source: PROTOCOL 13, groups "encoding" and "event".
package enum WireCode: UInt16, FailureCode {
    case cborTruncated = 100
    case cborTrailing = 101
    case cborNonShortest = 102
    case cborIndefinite = 103
    case cborReserved = 104
    case cborType = 105
    case cborLength = 106
    case cborUTF8 = 107
    case cborDepth = 108
    case cborKeyType = 109
    case cborKeyOrder = 110
    case cborDuplicateKey = 111
    case cborReencode = 112

    case tooLarge = 120
    case badEnvelope = 121
    case unsupportedFormat = 122
    case badField = 123
    case badDeps = 124
    case badBody = 125
    case badText = 126
    case badSignature = 127
    case badChain = 128
    case badLamport = 129
    case badProof = 130
    case wrongServer = 131
    case duplicateCreate = 132

    case duplicate = 150
    case overQuota = 151
    case missingPrev = 152
    case missingDeps = 153
    case forked = 154
    case clockAhead = 155

    /// Whether it counts as invalid for the score of whoever sent it (PROTOCOL 3.6).
    package var isPenalised: Bool { rawValue < WireCode.duplicate.rawValue }
}
