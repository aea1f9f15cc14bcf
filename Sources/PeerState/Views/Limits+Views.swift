extension Limits {
    // Views and search
    /// Messages counted beyond a page; more are not worth the reading, which every page pays for.
    package static let remainingMax = 300
    /// Texts counted in a channel: as many as are told beyond the longest page.
    static let textsCounted = remainingMax + 100
    /// Bytes of a search query, and the terms and operators in it (MCP 3.3).
    package static let searchQueryBytes = 512
    package static let searchTerms = 32
    /// Matches counted; a search that has more says so.
    package static let searchTotalMax = 1_000
    /// Words of a snippet, and bytes of one where no word was asked for.
    package static let snippetWords = 24
    package static let snippetBytes = 200
    /// Channels named in the full-text query itself; a longer list filters what it finds.
    static let searchChannelFacets = 8
    /// Channels whose row numbers are remembered.
    static let cachedChannels = 4_096
    /// Principals whose unread messages are kept count of in one channel.
    static let talliesPerChannel = 64
    /// Bytes of one part of a checkpoint.
    package static let checkpointPartBytes = 8 << 20
    /// Pages up to which a database is read in full when it is opened.
    static let pagesCheckedAtOpen = 2_048
    /// Findings an integrity check lists.
    package static let integrityFindings = 20
}
