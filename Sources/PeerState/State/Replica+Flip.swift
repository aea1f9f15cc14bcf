#if DEBUG
    extension Replica {
        /// Changes one folded row and no event; for tests of how nodes find that out.
        package mutating func flipName() { state.flipName() }
    }

    extension ServerState {
        mutating func flipName() {
            guard !names.isEmpty else { return }
            names[names.count - 1].text += "~"
        }
    }
#endif
