/// The frame types that the session itself sends, answers or counts.
///
/// - Source: PROTOCOL 9.2.
package enum FrameType {
    package static let ping: UInt64 = 1
    package static let pong: UInt64 = 2
    package static let bye: UInt64 = 3
    package static let rekey: UInt64 = 4
    package static let credit: UInt64 = 18
    package static let reject: UInt64 = 23

    /// Whether the upper layers define it; below 64 everything else is `badFrame`.
    package static func isUpper(_ type: UInt64) -> Bool {
        switch type {
        case 10...38, 40...43, 50...55: true
        default: false
        }
    }
}
