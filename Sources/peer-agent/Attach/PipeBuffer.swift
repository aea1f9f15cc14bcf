/// Bytes on their way from one descriptor to another.
///
/// - Bound: takes no more while `Limits.attachBufferBytes` wait.
package struct PipeBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var sent = 0
    package private(set) var isEnded = false

    package init() {}

    package var isEmpty: Bool { sent == bytes.count }
    package var canTake: Bool { !isEnded && bytes.count - sent < PipeBuffer.bytesMax }
    /// Everything was passed on, and nothing more comes.
    package var isDone: Bool { isEnded && isEmpty }

    private static let bytesMax = 1 << 18

    package mutating func take(_ part: some Collection<UInt8>) {
        if sent > 0 && sent == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            sent = 0
        }
        bytes.append(contentsOf: part)
    }

    package mutating func end() { isEnded = true }

    /// At most `count` bytes that have not been passed on.
    package func next(_ count: Int) -> ArraySlice<UInt8> { bytes[sent...].prefix(count) }

    package mutating func passedOn(_ count: Int) { sent += count }
}
