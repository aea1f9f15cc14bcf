package enum EventKinds {
    static func decode(kind: UInt64, body: [UInt8]) throws(Failure<WireCode>) -> any EventBody {
        throw Failure(.badBody)
    }
}
package struct ServerState {}
package struct PastView {}
package enum ServerCreated { package static let kind: UInt64 = 0 }
