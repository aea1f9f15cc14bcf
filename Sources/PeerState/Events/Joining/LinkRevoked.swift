/// Closes a link; nobody joins by it any more.
package struct LinkRevoked: NotInForce {
    package static let kind: UInt64 = 41
    package static let isSetup = true

    package let link: Event.ID

    package init(link: Event.ID) {
        self.link = link
    }

    package init(from reader: inout CBORReader) throws(Failure<WireCode>) {
        try reader.body(atLeast: 1)
        link = try reader.identifier("link")
    }

    package func write(to writer: inout CBORWriter) {
        writer.array(1)
        writer.identifier(link)
    }

    package var edges: [Event.ID] { [link] }
}
