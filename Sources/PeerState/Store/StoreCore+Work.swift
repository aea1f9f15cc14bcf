import CSQLite

extension StoreCore {
    /// Runs `body` and counts the steps that the database takes for it: what an act costs, whatever
    /// the machine does beside it.
    package func work(of body: () throws -> Void) throws -> Int {
        let counter = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        counter.initialize(to: 0)
        defer { counter.deallocate() }
        let handle = try database.handle
        let count: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
            context?.assumingMemoryBound(to: Int.self).pointee += 1
            return 0
        }
        sqlite3_progress_handler(handle, 1, count, counter)
        defer { sqlite3_progress_handler(handle, 0, nil, nil) }
        try body()
        return counter.pointee
    }
}
