using System.Text.Json;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Relaying;
using EdgeCoder.IdeProvider.Routing;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>An answer of the swarm in the form of the chat API, whole or in pieces. The counts are estimates, and marked as such: a result carries none.</summary>
internal sealed class SwarmChat : IChatSource
{
    private readonly string _text;
    private readonly string _finish;
    private readonly long _created;

    public SwarmChat(SwarmPrompt prompt, SwarmAnswer answer, DataClass dataClass, DateTimeOffset now, TimeSpan latency)
    {
        (_text, var isCut) = prompt.Cut(answer.Text);
        _finish = isCut ? "length" : "stop";
        _created = now.ToUnixTimeSeconds();
        FirstByte = latency;
        Usage = new AnswerUsage(SwarmPrompt.Tokens(prompt.Text), SwarmPrompt.Tokens(_text), 0);
        Marks = MarksOf(answer, dataClass) with { UsageIsEstimated = true, Ignored = prompt.Ignored };
    }

    /// <inheritdoc/>
    public RelayMarks Marks { get; }

    /// <inheritdoc/>
    public AnswerUsage? Usage { get; }

    /// <inheritdoc/>
    public TimeSpan? FirstByte { get; }

    /// <summary>Tokens for the caller's budget.</summary>
    public long Tokens => Usage!.Value.Prompt + Usage.Value.Completion;

    /// <summary>Marks of an answer.</summary>
    public static RelayMarks MarksOf(SwarmAnswer answer, DataClass dataClass) => new()
    {
        Route = RouteNames.SwarmMark,
        Model = answer.Model?.ModelId ?? RouteNames.Swarm,
        ModelDigest = answer.Model?.Digest ?? "unpinned",
        DataClass = dataClass.Word(),
        RanOn = RouteNames.SwarmMark,
        TaskId = answer.Result.TaskId,
        CreditsSpent = answer.Result.CreditsSpent,
        Verification = answer.IsUnverified ? "unverified" : null,
        Egress = answer.Egress,
    };

    /// <summary>The whole answer.</summary>
    public byte[] Whole() => Write("chat.completion", withMarks: true, writer =>
    {
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("message");
        writer.WriteString("role", "assistant");
        writer.WriteString("content", _text);
        writer.WriteEndObject();
        writer.WriteString("finish_reason", _finish);
        writer.WriteEndObject();
        writer.WriteEndArray();
        WriteUsage(writer);
    });

    /// <summary>The pieces of a stream: the text with the role, the end, and the counts where they are wanted.</summary>
    public IEnumerable<byte[]> Pieces(bool withUsage)
    {
        yield return Piece(isFirst: true, withUsage, finish: null);
        yield return Piece(isFirst: false, withUsage, _finish);
        if (withUsage)
        {
            yield return Write("chat.completion.chunk", withMarks: false, writer =>
            {
                writer.WriteStartArray("choices");
                writer.WriteEndArray();
                WriteUsage(writer);
            });
        }
    }

    private byte[] Piece(bool isFirst, bool withUsage, string? finish) => Write("chat.completion.chunk", isFirst, writer =>
    {
        writer.WriteStartArray("choices");
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("delta");
        if (isFirst)
        {
            writer.WriteString("role", "assistant");
            writer.WriteString("content", _text);
        }

        writer.WriteEndObject();
        writer.WriteString("finish_reason", finish);
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (withUsage)
        {
            writer.WriteNull("usage");
        }
    });

    private byte[] Write(string form, bool withMarks, Action<Utf8JsonWriter> more)
    {
        using var buffer = new MemoryStream();
        buffer.WriteByte((byte)'{');
        if (withMarks)
        {
            buffer.Write(Marks.Member(FirstByte!.Value, isOnly: false));
        }

        using (var rest = new MemoryStream())
        {
            using (var writer = new Utf8JsonWriter(rest))
            {
                writer.WriteStartObject();
                writer.WriteString("id", "chatcmpl-" + Marks.TaskId);
                writer.WriteString("object", form);
                writer.WriteNumber("created", _created);
                writer.WriteString("model", Marks.Model);
                more(writer);
                writer.WriteEndObject();
            }

            buffer.Write(rest.GetBuffer().AsSpan(1, (int)rest.Length - 1));
        }

        return buffer.ToArray();
    }

    private void WriteUsage(Utf8JsonWriter writer)
    {
        var counts = Usage!.Value;
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", counts.Prompt);
        writer.WriteNumber("completion_tokens", counts.Completion);
        writer.WriteNumber("total_tokens", counts.Prompt + counts.Completion);
        writer.WriteEndObject();
    }
}
