using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CsCheck;

namespace EdgeCoder.Protocol.Tests.Sessions;

public sealed class RoundTripProperties
{
    [Fact]
    public void Every_event_is_read_back_as_it_was_written() => Records.Event.Sample(e => Holds(e, ProtocolJson.Default.SessionEvent));

    [Fact]
    public void Every_session_is_read_back_as_it_was_written() => Records.Execution.Sample(e => Holds(e, ProtocolJson.Default.AgentExecution));

    [Fact]
    public void Every_run_is_read_back_as_it_was_written() => Records.Run.Sample(r => Holds(r, ProtocolJson.Default.RunResult));

    [Fact]
    public void Every_report_is_read_back_with_the_same_verdict() => Records.Report.Sample(r =>
    {
        var back = JsonSerializer.Deserialize(JsonSerializer.Serialize(r, ProtocolJson.Default.TestReport), ProtocolJson.Default.TestReport)!;
        Assert.Equal(r.IsPass, back.IsPass);
        Holds(r, ProtocolJson.Default.TestReport);
    });

    [Fact]
    public void No_record_ever_writes_null() => Records.Event.Sample(e => Assert.Null(FirstNull(JsonSerializer.SerializeToNode(e, ProtocolJson.Default.SessionEvent), "$")));

    [Fact]
    public void Type_may_stand_anywhere_in_an_event() => Records.Event.Sample(e =>
    {
        var written = JsonSerializer.SerializeToNode(e, ProtocolJson.Default.SessionEvent)!.AsObject();
        var turned = new JsonObject(written.Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        Assert.Equal(e.GetType(), turned.Deserialize(ProtocolJson.Default.SessionEvent)!.GetType());
    });

    [Fact]
    public void Every_event_is_one_line() => Records.Event.Sample(e => Assert.DoesNotContain('\n', JsonSerializer.Serialize(e, ProtocolJson.Default.SessionEvent)));

    // Records hold lists, whose equality is by reference: what is compared is everything that can be written.
    private static void Holds<T>(T value, JsonTypeInfo<T> type)
    {
        var written = JsonSerializer.Serialize(value, type);
        Assert.Equal(written, JsonSerializer.Serialize(JsonSerializer.Deserialize(written, type)!, type));
    }

    private static string? FirstNull(JsonNode? node, string path) => node switch
    {
        null => path,
        JsonObject fields => fields.Select(f => FirstNull(f.Value, $"{path}.{f.Key}")).FirstOrDefault(p => p is not null),
        JsonArray items => items.Select((n, i) => FirstNull(n, $"{path}[{i}]")).FirstOrDefault(p => p is not null),
        _ => null,
    };
}
