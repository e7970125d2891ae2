namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// Rows of this class are kept in the order of their key: on SQLite <c>WITHOUT ROWID</c>, one tree for key and row instead of two. For narrow rows whose key is
/// text or bytes; a wide row would make the tree of keys deep.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KeyOrderAttribute : Attribute;
