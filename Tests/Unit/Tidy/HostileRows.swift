/// Rows of HOSTILE section 3 that no test here carries, one line an id, with the reason.
enum HostileRows {
    /// About peers: what no single test of these folders can show.
    static let exceptions: [String: String] = [:]

    /// About agents, operators and the store; each line goes when its test carries the id.
    static let open = [
        "H-100": "no test carries it yet",
        "H-101": "no test carries it yet",
        "H-102": "no test carries it yet",
        "H-103": "no test carries it yet",
        "H-104": "no test carries it yet",
        "H-105": "no test carries it yet",
        "H-106": "no test carries it yet",
        "H-107": "no test carries it yet",
        "H-108": "no test carries it yet",
        "H-109": "no test carries it yet",
        "H-110": "no test carries it yet",
        "H-111": "no test carries it yet",
        "H-112": "no test carries it yet",
        "H-113": "no test carries it yet",
        "H-114": "no test carries it yet",
        "H-120": "no test carries it yet",
        "H-121": "no test carries it yet",
        "H-122": "no test carries it yet",
        "H-123": "no test carries it yet",
        "H-124": "no test carries it yet",
        "H-125": "no test carries it yet",
        "H-126": "no test carries it yet",
        "H-127": "no test carries it yet",
        "H-128": "no test carries it yet",
    ]
}
