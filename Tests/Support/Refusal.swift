package import PeerNode
import PeerState

/// Why the node refused an act; `nil` when it did not, or something else went wrong.
package func refusal(_ act: () throws -> Outcome) -> NodeCode? {
    do {
        _ = try act()
        return nil
    } catch {
        return (error as? NodeFailure)?.code
    }
}
