using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Commands;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/events.md names what the program writes, all of it.</summary>
public sealed class EventsDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "events.md"));

    public static TheoryData<string> EventTypes() => [.. typeof(SessionEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(type => (string)type.TypeDiscriminator!)];

    [Theory]
    [MemberData(nameof(EventTypes))]
    public void Every_event_type_has_its_row_with_every_field(string type)
    {
        var row = Document.Split('\n').Single(line => line.StartsWith($"| `{type}` |", StringComparison.Ordinal));
        var record = typeof(SessionEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Single(attribute => (string)attribute.TypeDiscriminator! == type).DerivedType;
        var missing = record.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Select(property => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name))
            .Where(name => !row.Contains($"`{name}", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_code_is_named() =>
        Assert.All(
            Names<SessionOutcome>().Concat(Names<QueueReason>()).Concat(Names<SessionState>()),
            name => Assert.Contains($"`{name}`", Document, StringComparison.Ordinal));

    [Fact]
    public void Every_exit_code_has_its_row() =>
        Assert.All(
            Enum.GetValues<ExitCode>(),
            code => Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| {(int)code} | {code.ToString().ToLowerInvariant()} |"), Document, StringComparison.Ordinal));

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(value => JsonSerializer.Serialize(value, ProtocolJson.Default.Options).Trim('"'));
}
