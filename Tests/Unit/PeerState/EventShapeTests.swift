import PeerState
import PeerTesting
import Testing

/// What the body of every kind must hold, by the tables of PROTOCOL 2, 3.2 and 4.
@Suite struct EventShapeTests {
    static let salt: UInt8 = 0x11

    /// The sample body with element `index` replaced.
    static func body(
        _ shape: EventShape, _ index: Int, _ value: CBORValue
    ) -> [CBORValue] {
        var elements = shape.sample
        elements[index] = value
        return elements
    }

    static func code(of shape: EventShape, _ elements: [CBORValue]) -> WireCode? {
        do {
            _ = try shape.decode(elements)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `every kind of the protocol is known, and nothing else`() {
        let known = Set(EventKinds.all.map { $0.kind })
        #expect(known == Set(EventShape.all.map { $0.kind }))
        #expect(known.count == EventKinds.all.count)
        let numbered: [ClosedRange<UInt64>] = [
            0...4, 10...15, 20...27, 30...33, 40...42, 50...55, 60...66, 70...70, 80...83,
        ]
        #expect(known.sorted() == numbered.flatMap { Array($0) })
    }

    @Test func `setup kinds are those that others ask about in their past`() {
        let numbered: [ClosedRange<UInt64>] = [
            0...0, 4...4, 10...15, 20...27, 30...33, 40...42, 50...51, 54...54, 62...62,
            64...64, 80...83,
        ]
        let setup = (0...200).filter { EventKinds.isSetup($0) }
        #expect(setup == numbered.flatMap { Array($0) })
    }

    @Test(arguments: EventShape.all)
    func `every value within its bounds survives decoding and encoding`(shape: EventShape) throws {
        var bodies = [shape.sample]
        for (index, field) in shape.fields.enumerated() {
            bodies += field.accepted(salt: Self.salt + UInt8(index))
                .map { Self.body(shape, index, $0) }
        }
        for elements in bodies {
            let body = try shape.decode(elements)
            var writer = CBORWriter()
            body.write(to: &writer)
            #expect(writer.bytes == CBORValue.array(elements).encoded, "\(elements)")
            #expect(body.kind == shape.kind)
        }
    }

    @Test(arguments: EventShape.all)
    func `edges are the ids that the table names, and no others`(shape: EventShape) throws {
        #expect(Set(try shape.decode(shape.sample).edges) == shape.edges(of: shape.sample))
        for (index, field) in shape.fields.enumerated() {
            for value in field.accepted(salt: Self.salt + UInt8(index)) {
                let elements = Self.body(shape, index, value)
                let edges = Set(try shape.decode(elements).edges)
                #expect(edges == shape.edges(of: elements), "\(elements)")
            }
        }
    }

    @Test(arguments: EventShape.all)
    func `every wrong type, range, count and length is a bad body`(shape: EventShape) {
        for (index, field) in shape.fields.enumerated() {
            for value in field.refused(salt: Self.salt + UInt8(index)) {
                let code = Self.code(of: shape, Self.body(shape, index, value))
                #expect(code == .badBody, "element \(index): \(value)")
            }
        }
    }

    @Test(arguments: EventShape.all)
    func `characters that a field may not hold are bad text`(shape: EventShape) {
        for (index, field) in shape.fields.enumerated() {
            for value in field.badTexts {
                let code = Self.code(of: shape, Self.body(shape, index, value))
                #expect(code == .badText, "element \(index): \(value)")
            }
        }
    }

    @Test(arguments: EventShape.all)
    func `shape and caps of the whole body come before any text rule`(shape: EventShape) {
        for (index, field) in shape.fields.enumerated() {
            guard let text = field.badTexts.first else { continue }
            for (other, otherField) in shape.fields.enumerated() where other != index {
                var elements = Self.body(shape, index, text)
                elements[other] = otherField.refused(salt: Self.salt + UInt8(other))[0]
                #expect(Self.code(of: shape, elements) == .badBody, "\(elements)")
            }
        }
    }

    @Test(arguments: EventShape.all)
    func `every missing element is a bad body`(shape: EventShape) {
        for count in 0..<shape.fields.count {
            let code = Self.code(of: shape, Array(shape.sample.prefix(count)))
            #expect(code == .badBody, "\(count) elements")
        }
    }

    @Test(arguments: EventShape.all)
    func `elements after those known are ignored, but an ack is empty`(shape: EventShape) throws {
        for extra in [[CBORValue.unsigned(7)], [.null, .array([.bytes([1]), .map([])])]] {
            let elements = shape.sample + extra
            guard shape.kind != Acknowledged.kind else {
                #expect(Self.code(of: shape, elements) == .badBody)
                continue
            }
            #expect(Set(try shape.decode(elements).edges) == shape.edges(of: shape.sample))
        }
        for (index, field) in shape.fields.enumerated() {
            guard let value = field.longer(salt: Self.salt + UInt8(index)) else { continue }
            #expect(Self.code(of: shape, Self.body(shape, index, value)) == nil)
        }
    }

    @Test(arguments: EventShape.all)
    func `every truncation is refused`(shape: EventShape) {
        let bytes = CBORValue.array(shape.sample).encoded
        for length in 0..<bytes.count {
            let failure = #expect(throws: Failure<WireCode>.self) {
                try EventKinds.decode(kind: shape.kind, body: Array(bytes.prefix(length)))
            }
            let code = failure?.code
            #expect(code == .cborTruncated || code == .cborLength, "\(length) bytes")
        }
    }

    @Test func `a share holds as many keys as it names, up to 64`() throws {
        let shape = try #require(EventShape.all.first { $0.kind == KeyShared.kind })
        func share(_ epochs: Int, boxFor keys: Int) -> [CBORValue] {
            let names = (0..<epochs).map { BodyField.id(UInt8($0)) }
            let box = CBORValue.bytes([UInt8](repeating: 1, count: 48 + 32 * keys))
            return [shape.sample[0], shape.sample[1], .array(names), box]
        }
        for count in [0, 1, 2, 64] {
            #expect(Self.code(of: shape, share(count, boxFor: count)) == nil)
            #expect(Self.code(of: shape, share(count, boxFor: count + 1)) == .badBody)
        }
        #expect(Self.code(of: shape, share(1, boxFor: 0)) == .badBody)
        #expect(Self.code(of: shape, share(65, boxFor: 65)) == .badBody)
    }

    @Test func `a rotation's part lies below its parts`() throws {
        let shape = try #require(EventShape.all.first { $0.kind == KeyRotated.kind })
        func rotation(_ part: UInt64, of parts: UInt64) -> [CBORValue] {
            var elements = shape.sample
            elements[5] = .unsigned(part)
            elements[6] = .unsigned(parts)
            return elements
        }
        for (part, parts) in [(0, 1), (31, 32), (1, 2)] as [(UInt64, UInt64)] {
            #expect(Self.code(of: shape, rotation(part, of: parts)) == nil)
        }
        for (part, parts) in [(1, 1), (32, 32), (0, 33), (0, 0)] as [(UInt64, UInt64)] {
            #expect(Self.code(of: shape, rotation(part, of: parts)) == .badBody)
        }
    }
}
