using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace EdgeCoder.Hosting.Storage;

/// <summary>
/// Names that hand-written SQL relies on. A row class <c>ApiKeyRow</c> is the table <c>api_keys</c>; its property <c>KeyHash</c> is the column
/// <c>key_hash</c>; enums are text (<see cref="EnumText"/>). What a configuration says itself stays.
/// </summary>
internal sealed class StoreNaming : IModelFinalizingConvention
{
    public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        foreach (var type in modelBuilder.Metadata.GetEntityTypes())
        {
            type.Builder.ToTable(Table(type.ClrType.Name));
            foreach (var property in type.GetProperties())
            {
                property.Builder.HasColumnName(Snake(property.Name));
                if ((Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType) is { IsEnum: true } values)
                {
                    property.Builder.HasConverter(typeof(EnumTextConverter<>).MakeGenericType(values));
                }
            }
        }
    }

    /// <summary>LeaseRow → leases, RegistryEntryRow → registry_entries.</summary>
    internal static string Table(string row)
    {
        var name = Snake(row.EndsWith("Row", StringComparison.Ordinal) ? row[..^3] : row);
        return name switch
        {
            [.., not ('a' or 'e' or 'o' or 'u'), 'y'] => name[..^1] + "ies",
            [.., 'l', 'e', 'a', 'f'] => name[..^1] + "ves",
            [.., 's' or 'x'] or [.., 'c' or 's', 'h'] => name + "es",
            _ => name + "s",
        };
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
