import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct NeighbourhoodTests {
    private static let home = toyServer(1)

    /// The links over which these effects ask to be passed on.
    private static func joins(_ effects: [Neighbourhood.Effect]) -> [LinkID] {
        effects.compactMap { effect in
            guard case .send(let link, let frame) = effect else { return nil }
            return frame == SyncMessage.view(home, .join(toyPeer(0))).bytes ? link : nil
        }
    }

    @Test func `S-220 who was called first still joins through the member it was led to`() {
        var neighbours = Neighbourhood(identity: toyPeer(0), random: Seed(1).stream("neighbours"))
        _ = neighbours.handle(.members(Self.home, Set((0..<20).map(toyPeer))), now: .zero)
        func open(_ number: UInt64, isDialler: Bool) -> [LinkID] {
            let contact = ViewTests.contact(Int(number))
            return Self.joins(
                neighbours.handle(
                    .linkUp(LinkID(number), contact, isDialler: isDialler), now: .zero))
        }
        // A newcomer's link opens before our own way in.
        #expect(open(1, isDialler: false) == [LinkID(1)])
        #expect(open(2, isDialler: false) == [])
        #expect(open(3, isDialler: true) == [LinkID(3)])
        #expect(open(4, isDialler: true) == [])
    }

    @Test(arguments: [false, true])
    func `over the link through which a node enters it asks for nothing else`(isDialler: Bool) {
        var neighbours = Neighbourhood(identity: toyPeer(0), random: Seed(1).stream("neighbours"))
        _ = neighbours.handle(.members(Self.home, Set((0..<20).map(toyPeer))), now: .zero)
        let up = neighbours.handle(
            .linkUp(LinkID(1), ViewTests.contact(5), isDialler: isDialler), now: .zero)
        #expect(Self.joins(up) == [LinkID(1)] && up.count == 1)
    }

    @Test func `who has nobody joins through whom it asks, and says no more`() {
        var neighbours = Neighbourhood(identity: toyPeer(0), random: Seed(1).stream("neighbours"))
        _ = neighbours.handle(.members(Self.home, Set((0..<20).map(toyPeer))), now: .zero)
        let contact = ViewTests.contact(5)
        let asked = neighbours.handle(.learned(Self.home, [contact], from: nil), now: .zero)
        #expect(asked == [.dial(contact)])
        let up = neighbours.handle(.linkUp(LinkID(1), contact, isDialler: true), now: .zero)
        #expect(Self.joins(up) == [LinkID(1)] && up.count == 1)
    }
}
