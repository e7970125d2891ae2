namespace EdgeCoder.Hosting.Storage;

/// <summary>Columns that may be NULL, and enums.</summary>
public static class StoreRowExtensions
{
    /// <summary>Text or null.</summary>
    public static string? TextOrNull(this StoreRow row, int column) => row.IsNull(column) ? null : row.Text(column);

    /// <summary>Number or null.</summary>
    public static long? NumberOrNull(this StoreRow row, int column) => row.IsNull(column) ? null : row.Number(column);

    /// <summary>Bytes or null.</summary>
    public static byte[]? BytesOrNull(this StoreRow row, int column) => row.IsNull(column) ? null : row.Bytes(column);

    /// <summary>Whether a boolean column is set.</summary>
    public static bool Flag(this StoreRow row, int column) => row.Number(column) != 0;

    /// <summary>An enum that is kept as <see cref="EnumText"/>.</summary>
    public static T Enum<T>(this StoreRow row, int column)
        where T : struct, Enum => EnumText.Parse<T>(row.Text(column));
}
