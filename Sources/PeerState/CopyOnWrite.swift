/// Holds a large value behind one reference: a copy costs one retain, a write to a shared one
/// copies it first.
///
/// For values of many collections that are read where Swift copies them whole, such as through a
/// dictionary. Public and inlined: as a call into another module its `_read` made every caller copy
/// the value (docs/decisions/0043).
@propertyWrapper
public struct CopyOnWrite<Value: Sendable>: Sendable {
    // SAFETY: written only while one `CopyOnWrite` alone refers to it, otherwise never changed.
    @usableFromInline final class Storage: @unchecked Sendable {
        /// Accesses are those to the one struct around it, which the compiler orders already.
        @exclusivity(unchecked) @usableFromInline var value: Value

        @inlinable init(_ value: Value) { self.value = value }
    }

    @usableFromInline var storage: Storage

    @inlinable public init(wrappedValue: Value) { storage = Storage(wrappedValue) }

    @inlinable public var wrappedValue: Value {
        _read { yield storage.value }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
            yield &storage.value
        }
    }
}
