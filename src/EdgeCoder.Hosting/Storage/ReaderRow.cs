using System.Data.Common;
using System.Globalization;

namespace EdgeCoder.Hosting.Storage;

/// <summary>The current row of a reader.</summary>
internal sealed class ReaderRow(DbDataReader reader) : StoreRow
{
    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override string Text(int column) => reader.GetString(column);

    public override long Number(int column)
    {
        // SQLite has one integer type; PostgreSQL has several, and its sum of bigint is numeric.
        var type = reader.GetFieldType(column);
        return type == typeof(long) ? reader.GetInt64(column)
            : type == typeof(int) ? reader.GetInt32(column)
            : type == typeof(bool) ? (reader.GetBoolean(column) ? 1 : 0)
            : Convert.ToInt64(reader.GetValue(column), CultureInfo.InvariantCulture);
    }

    public override byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);
}
