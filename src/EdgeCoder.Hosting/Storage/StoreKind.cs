namespace EdgeCoder.Hosting.Storage;

/// <summary>Databases that hold the truth (ARCHITECTURE 2).</summary>
public enum StoreKind
{
    /// <summary>A file in the data directory.</summary>
    Sqlite,

    /// <summary>A server, for several silos.</summary>
    PostgreSql,
}
