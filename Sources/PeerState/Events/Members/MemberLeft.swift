/// Ends the author's own membership.
package struct MemberLeft: NotInForce {
    package static let kind: UInt64 = 13
    package static let isSetup = true

    package init() {}

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 0)
    }

    package func write(to writer: inout CBORWriter) { writer.array(0) }
}
