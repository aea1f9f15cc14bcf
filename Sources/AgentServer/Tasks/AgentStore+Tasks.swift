import PeerState

extension AgentStore {
    /// - Errors: those of the database; rows that cannot be read are left out.
    func tasks() throws(StoreFailure) -> [TaskRecord] {
        let texts = try use { database throws(StoreFailure) in
            try database.rows("SELECT detail FROM tasks ORDER BY id") { $0.text(0) }
        }
        return texts.compactMap { text in
            do {
                return TaskRecord(stored: try JSON(parsing: Array(text.utf8)))
            } catch {
                return nil  // A task that nobody can ask for is worth no start that fails.
            }
        }
    }

    func put(_ record: TaskRecord) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            try database.run(
                "INSERT OR REPLACE INTO tasks VALUES (?1, ?2)", .text(record.id),
                .text(record.stored.text))
        }
    }

    func removeTasks(_ ids: [String]) throws(StoreFailure) {
        try use { database throws(StoreFailure) in
            for id in ids { try database.run("DELETE FROM tasks WHERE id = ?1", .text(id)) }
        }
    }
}
