import AgentServer
import PeerNet
import PeerNode
import PeerState

extension FuzzTarget {
    static let invite = FuzzTarget(
        name: "invite",
        corpus: { _ in
            guard let server = FuzzHistory.shared?.server else { return [] }
            let peer = SigningKey(seed: [UInt8](repeating: 1, count: 32)).publicKey
            let plain = Invite(
                server: server, name: "harbour", inviter: peer, addresses: ["10.0.0.1:4646"])
            let link = Invite(
                server: server, link: Event.ID(server), secret: [UInt8](repeating: 7, count: 32),
                name: "x", inviter: peer, addresses: [], providers: [peer])
            return [Array(plain.code.utf8), Array(link.code.utf8)]
        }
    ) { bytes throws(Broken) in
        let invite: Invite
        do { invite = try Invite(code: String(decoding: bytes, as: UTF8.self)) } catch { return }
        do {
            let again = try Invite(code: invite.code)
            guard again.server == invite.server, again.inviter == invite.inviter,
                again.addresses == invite.addresses, again.secret == invite.secret,
                again.name == invite.name
            else { throw Broken("read, written, read differs") }
        } catch let broken as Broken {
            throw broken
        } catch {
            throw Broken("an invite that was read and written does not read: \(error)")
        }
    }

    static let json = FuzzTarget(name: "json", corpus: { $0.json }) { bytes throws(Broken) in
        let value: JSON
        do { value = try JSON(parsing: bytes) } catch { return }
        let again: JSON
        do { again = try JSON(parsing: value.encoded) } catch {
            throw Broken("what was parsed and written does not parse: \(error)")
        }
        guard again == value else { throw Broken("parse, write, parse differs") }
    }

    static let mcp = FuzzTarget(name: "mcp", corpus: { $0.json + Self.requests }) {
        bytes throws(Broken) in
        let value: JSON
        do { value = try JSON(parsing: bytes) } catch { return }
        switch MCPMessage(value) {
        case .request(let request):
            guard value["method"]?.string == request.method else {
                throw Broken("a request with another method")
            }
        case .notification(let method, _):
            guard value["id"] == nil, value["method"]?.string == method else {
                throw Broken("a notification that has an id or another method")
            }
        case .response, .ignored, .invalid: return
        }
    }

    private static var requests: [[UInt8]] {
        [
            #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#,
            #"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"inbox"}}"#,
            #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            #"{"jsonrpc":"2.0","id":18446744073709551615,"result":{"x":[1,2.5e3,"\u00e9"]}}"#,
        ].map { Array($0.utf8) }
    }

    static let cursor = FuzzTarget(
        name: "cursor",
        corpus: { _ in
            [Cursor(feed: 300), Cursor(feed: 9, page: .offset(77))].map {
                Array($0.text(storeTag: 7).utf8)
            }
        }
    ) { bytes throws(Broken) in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let cursor = Cursor(text, storeTag: 7) else { return }
        guard Cursor(cursor.text(storeTag: 7), storeTag: 7) == cursor else {
            throw Broken("read, written, read differs")
        }
    }

    static let address = FuzzTarget(
        name: "address",
        corpus: { _ in
            ["10.0.0.1:4646", "[::1]:80", "host.example:1", "[fe80::1%eth0]:9"].map {
                Array($0.utf8)
            }
        }
    ) { bytes throws(Broken) in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let address = Address(text) else { return }
        guard let again = Address(address.description) else {
            throw Broken("what was read and written does not read: \(address)")
        }
        guard again.host == address.host, again.port == address.port else {
            throw Broken("read, written, read differs")
        }
    }
}
