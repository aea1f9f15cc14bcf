/// A task of this process: its record, its work, and who waits for answers to its questions.
struct TaskEntry {
    var record: TaskRecord
    var run: Task<Void, Never>?
    var answers = JSONObject()
    var asking: CheckedContinuation<JSONObject?, Never>?
}
