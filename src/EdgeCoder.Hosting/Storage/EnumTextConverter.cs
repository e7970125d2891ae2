using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace EdgeCoder.Hosting.Storage;

/// <summary><see cref="EnumText"/> for EF Core's reads.</summary>
public sealed class EnumTextConverter<T>() : ValueConverter<T, string>(value => EnumText.Of(value), text => EnumText.Parse<T>(text))
    where T : struct, Enum;
