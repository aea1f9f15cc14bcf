/// One column of a long table: grows by blocks, so that growing never copies what is there, and a
/// copy that is written to copies one block.
///
/// - Bounds: at most one block of 2,048 elements is unused.
struct Column<Element: Sendable>: Sendable {
    private static var shift: Int { 11 }
    static var blockSize: Int { 1 << shift }
    private var blocks: [[Element]] = []
    private(set) var count = 0

    mutating func append(_ element: Element) {
        if count & (Self.blockSize - 1) == 0 {
            var block: [Element] = []
            block.reserveCapacity(Self.blockSize)
            blocks.append(block)
        }
        blocks[blocks.count - 1].append(element)
        count += 1
    }

    subscript(index: Int32) -> Element {
        get { blocks[Int(index) >> Self.shift][Int(index) & (Self.blockSize - 1)] }
        set { blocks[Int(index) >> Self.shift][Int(index) & (Self.blockSize - 1)] = newValue }
    }

    var blockCount: Int { blocks.count }
    func block(_ number: Int) -> [Element] { blocks[number] }

    /// Adds a whole block, the last of which may be shorter.
    ///
    /// - Precondition: all blocks so far are full.
    mutating func append(block: [Element]) {
        precondition(count & (Self.blockSize - 1) == 0, "blocks are full but for the last")
        precondition(block.count <= Self.blockSize, "a block has a size")
        var whole: [Element] = []
        whole.reserveCapacity(Self.blockSize)
        whole += block
        blocks.append(whole)
        count += block.count
    }
}
