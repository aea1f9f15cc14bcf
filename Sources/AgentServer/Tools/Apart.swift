/// Runs `body` in a task of its own, which gives back what it took when it ends.
///
/// A task keeps the memory that its calls have once needed until its own end, so whoever goes on
/// to wait for long has what comes before done here.
/// - Parameter turnstile: lets few do so at a time.
/// - Errors: those of `body`. - Isolation: the caller's.
package func apart<Value: Sendable>(
    _ turnstile: Turnstile, isolation: isolated (any Actor)? = #isolation,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    await turnstile.enter()
    defer { turnstile.leave() }
    let task = Task.immediate {
        _ = isolation
        return try await body()
    }
    return try await withTaskCancellationHandler {
        try await task.value
    } onCancel: {
        task.cancel()
    }
}
