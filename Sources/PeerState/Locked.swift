#if THREAD_SANITIZER
    import Glibc
#else
    import Synchronization
#endif

/// The only lock in the project: a value that one thread at a time may touch.
///
/// It is a `Mutex`, and a pthread lock under `-DTHREAD_SANITIZER`, because the sanitizer reports
/// false races for values inside `Mutex` on Linux (HOSTILE 5).
#if THREAD_SANITIZER
    // SAFETY: `value` is read and written only between lock and unlock of `handle`.
    package final class Locked<Value>: @unchecked Sendable {
        private var value: Value
        private let handle: UnsafeMutablePointer<pthread_mutex_t>

        package init(_ value: sending Value) {
            self.value = value
            handle = .allocate(capacity: 1)
            precondition(pthread_mutex_init(handle, nil) == 0, "pthread_mutex_init failed")
        }

        deinit {
            pthread_mutex_destroy(handle)
            handle.deallocate()
        }

        package func withLock<Result, Problem: Error>(
            _ body: (inout sending Value) throws(Problem) -> sending Result
        ) throws(Problem) -> sending Result {
            pthread_mutex_lock(handle)
            defer { pthread_mutex_unlock(handle) }
            return try body(&value)
        }
    }
#else
    package final class Locked<Value>: Sendable {
        private let mutex: Mutex<Value>

        package init(_ value: consuming sending Value) {
            mutex = Mutex(value)
        }

        package func withLock<Result, Problem: Error>(
            _ body: (inout sending Value) throws(Problem) -> sending Result
        ) throws(Problem) -> sending Result {
            try mutex.withLock(body)
        }
    }
#endif
