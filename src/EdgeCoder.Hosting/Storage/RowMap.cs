using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace EdgeCoder.Hosting.Storage;

/// <summary>How rows of a class become an INSERT, from the metadata of the model.</summary>
internal sealed class RowMap
{
    private readonly string _table;
    private readonly Column[] _columns;
    private readonly Statement _all;
    private readonly Statement? _withoutGenerated;

    private RowMap(string table, Column[] columns)
    {
        _table = table;
        _columns = columns;
        _all = new(this, columns);
        _withoutGenerated = Array.Exists(columns, c => c.Generated) ? new(this, [.. columns.Where(c => !c.Generated)]) : null;
    }

    public static RowMap Of(IModel model, Type row)
    {
        var type = model.FindEntityType(row) ?? throw new InvalidOperationException($"{row.Name} is no row of the model: give it an IEntityTypeConfiguration.");
        return new(type.GetTableName()!, [.. type.GetProperties().Select(Column.Of)]);
    }

    /// <summary>The statement for a row: a number that the database gives (0 so far) is left to it.</summary>
    public (string Sql, string SqlUnlessExists, object?[] Values, Type[] Types) Insert(object row)
    {
        var statement = _withoutGenerated is not null && Array.TrueForAll(_columns, c => !c.Generated || c.IsUnset(row)) ? _withoutGenerated : _all;
        var values = new object?[statement.Types.Length];
        statement.Read(row, values);
        return (statement.Sql, statement.SqlUnlessExists, values, statement.Types);
    }

    /// <summary>One statement for several rows that give all their values, keys that exist left alone.</summary>
    public (string Sql, object?[] Values, Type[] Types) InsertAll<T>(ReadOnlySpan<T> rows)
        where T : class
    {
        var width = _all.Types.Length;
        var values = new object?[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
        {
            _all.Read(rows[i], values.AsSpan(i * width, width));
        }

        var (sql, types) = _all.Several(rows.Length);
        return (sql, values, types);
    }

    private sealed class Statement
    {
        private readonly Column[] _columns;
        private readonly string _head;
        private readonly Dictionary<int, (string Sql, Type[] Types)> _several = [];

        public Statement(RowMap map, Column[] columns)
        {
            _columns = columns;
            _head = $"INSERT INTO \"{map._table}\" ({string.Join(", ", columns.Select(c => $"\"{c.Name}\""))}) VALUES ";
            Sql = _head + Places(0);
            SqlUnlessExists = Sql + " ON CONFLICT DO NOTHING";
            Types = [.. columns.Select(c => c.Type)];
        }

        public string Sql { get; }

        public string SqlUnlessExists { get; }

        public Type[] Types { get; }

        public (string Sql, Type[] Types) Several(int rows)
        {
            if (!_several.TryGetValue(rows, out var several))
            {
                several = (_head + string.Join(", ", Enumerable.Range(0, rows).Select(Places)) + " ON CONFLICT DO NOTHING", [.. Enumerable.Repeat(Types, rows).SelectMany(t => t)]);
                _several.Add(rows, several);
            }

            return several;
        }

        public void Read(object row, Span<object?> values)
        {
            for (var i = 0; i < _columns.Length; i++)
            {
                values[i] = _columns[i].Value(row);
            }
        }

        private string Places(int row) => $"({string.Join(", ", _columns.Select((_, i) => $"${(row * _columns.Length) + i + 1}"))})";
    }

    private sealed record Column(string Name, Func<object, object?> Get, Func<object?, object?>? Convert, Type Type, bool Generated)
    {
        private static readonly MethodInfo Typed = typeof(Column).GetMethod(nameof(Getter), BindingFlags.NonPublic | BindingFlags.Static)!;

        public static Column Of(IProperty property)
        {
            var member = property.PropertyInfo ?? throw new InvalidOperationException($"{property.Name} of {property.DeclaringType.Name} has no property to read.");
            var converter = property.GetTypeMapping().Converter;
            var type = converter?.ProviderClrType ?? property.ClrType;

            // Enums are written as text by the statement itself.
            var isEnum = (Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType).IsEnum && type == typeof(string);
            return new(
                property.GetColumnName(),
                (Func<object, object?>)Typed.MakeGenericMethod(member.DeclaringType!, member.PropertyType).Invoke(null, [member.GetMethod!])!,
                converter is null || isEnum ? null : converter.ConvertToProvider,
                Nullable.GetUnderlyingType(type) ?? type,
                property.ValueGenerated == ValueGenerated.OnAdd && (property.ClrType == typeof(long) || property.ClrType == typeof(int)));
        }

        public object? Value(object row) => Get(row) is not { } value ? null : Convert is null ? value : Convert(value);

        public bool IsUnset(object row) => Get(row) is 0L or 0;

        // A delegate of the property's own type: reflection for each column of each row costs more than SQLite's insert.
        private static Func<object, object?> Getter<TRow, TValue>(MethodInfo get)
            where TRow : class
        {
            var read = get.CreateDelegate<Func<TRow, TValue>>();
            return row => read((TRow)row);
        }
    }
}
