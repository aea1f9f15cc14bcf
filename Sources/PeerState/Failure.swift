/// A stable, numbered reason that programs match on; its case name is the word peers and tools see.
///
/// - Source: PROTOCOL 13. Ranges: wire 100–199, rule 200–299, store 300–399, net 400–499,
///   node 500–599, tool 600–699. Numbers are never reused.
package protocol FailureCode: RawRepresentable<UInt16>, Hashable, Sendable, CaseIterable {}

extension FailureCode {
    /// The word used in frames, logs and tool results, such as `badSignature`.
    package var word: String { String(describing: self) }
}

/// An error that programs match by code and people understand by detail.
package struct Failure<Code: FailureCode>: Error, Hashable, Sendable {
    package let code: Code
    /// Says what happened and what to do. Never parsed; never holds keys, tokens or message text.
    package let detail: String

    package init(_ code: Code, _ detail: String = "") {
        self.code = code
        self.detail = detail
    }
}

/// What every failure shows when its code type does not matter: the word and the sentence.
package protocol CodedError: Error {
    var word: String { get }
    var detail: String { get }
}

extension Failure: CodedError, CustomStringConvertible {
    package var word: String { code.word }
    package var description: String { detail.isEmpty ? code.word : "\(code.word): \(detail)" }
}
