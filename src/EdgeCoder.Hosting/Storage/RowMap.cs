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
        return (statement.Sql, statement.SqlUnlessExists, statement.Values(row), statement.Types);
    }

    private sealed class Statement
    {
        private readonly Column[] _columns;

        public Statement(RowMap map, Column[] columns)
        {
            _columns = columns;
            Sql = $"INSERT INTO \"{map._table}\" ({string.Join(", ", columns.Select(c => $"\"{c.Name}\""))}) VALUES ({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))})";
            SqlUnlessExists = Sql + " ON CONFLICT DO NOTHING";
            Types = [.. columns.Select(c => c.Type)];
        }

        public string Sql { get; }

        public string SqlUnlessExists { get; }

        public Type[] Types { get; }

        public object?[] Values(object row)
        {
            var values = new object?[_columns.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = _columns[i].Value(row);
            }

            return values;
        }
    }

    private sealed record Column(string Name, PropertyInfo Property, Func<object?, object?>? Convert, Type Type, bool Generated)
    {
        public static Column Of(IProperty property)
        {
            var member = property.PropertyInfo ?? throw new InvalidOperationException($"{property.Name} of {property.DeclaringType.Name} has no property to read.");
            var converter = property.GetTypeMapping().Converter;
            var type = converter?.ProviderClrType ?? property.ClrType;
            return new(
                property.GetColumnName(), member, converter is null ? null : converter.ConvertToProvider, Nullable.GetUnderlyingType(type) ?? type,
                property.ValueGenerated == ValueGenerated.OnAdd && (property.ClrType == typeof(long) || property.ClrType == typeof(int)));
        }

        public object? Value(object row) => Property.GetValue(row) is not { } value ? null : Convert is null ? value : Convert(value);

        public bool IsUnset(object row) => Property.GetValue(row) is 0L or 0;
    }
}
