using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Access;

namespace EdgeCoder.IdeProvider.Responses;

/// <summary>An answer that is kept.</summary>
/// <param name="Owner">Key that asked, or <c>loopback</c>.</param>
/// <param name="DataClass">Class of the request: what continues it is never wider.</param>
/// <param name="Items">All items of the conversation so far, those of the answer included.</param>
/// <param name="Response">The answer as it was given.</param>
internal sealed record StoredResponse(string Owner, DataClass DataClass, JsonArray Items, JsonObject Response);

/// <summary>
/// Answers of the Responses API, kept on this machine for 30 days in files that their owner alone can read (agent-executor-models 6.4). Who did not ask does
/// not learn that there is one.
/// </summary>
internal sealed class StoredResponses(string directory, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(30);

    /// <summary>Whose an answer is.</summary>
    public static string OwnerOf(IdeCaller caller) => caller.Key?.Id ?? "loopback";

    /// <summary>Keeps one, and removes those whose time is over.</summary>
    public void Save(string id, StoredResponse stored)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var document = new JsonObject
        {
            ["owner"] = stored.Owner,
            ["dataClass"] = stored.DataClass.Word(),
            ["expiresAtMs"] = (time.GetUtcNow() + Life).ToUnixTimeMilliseconds(),
            ["items"] = stored.Items.DeepClone(),
            ["response"] = stored.Response.DeepClone(),
        };
        IdeKeys.Write(PathOf(id), stream =>
        {
            using var writer = new Utf8JsonWriter(stream);
            document.WriteTo(writer);
        });
        Sweep();
    }

    /// <summary>One of a caller; null for none, another's or one whose time is over.</summary>
    public StoredResponse? Find(string id, IdeCaller caller)
    {
        if (!IsId(id) || !File.Exists(PathOf(id)))
        {
            return null;
        }

        try
        {
            var document = JsonNode.Parse(File.ReadAllBytes(PathOf(id)))!.AsObject();
            return (string?)document["owner"] == OwnerOf(caller) && (long?)document["expiresAtMs"] > time.GetUtcNow().ToUnixTimeMilliseconds()
                ? new(OwnerOf(caller), DataClasses.Parse((string?)document["dataClass"]) ?? DataClass.Local, document["items"]!.AsArray(), document["response"]!.AsObject())
                : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or JsonException)
        {
            return null; // Removed in between, or written by nobody we know.
        }
    }

    /// <summary>Removes one of a caller; false when there is none.</summary>
    public bool Remove(string id, IdeCaller caller)
    {
        if (Find(id, caller) is null)
        {
            return false;
        }

        File.Delete(PathOf(id));
        return true;
    }

    private string PathOf(string id) => Path.Combine(directory, id + ".json");

    // An id becomes a file name, so it is ours or none.
    private static bool IsId(string id) => id.StartsWith("resp_", StringComparison.Ordinal) && id.Length == 37 && id.AsSpan(5).IndexOfAnyExcept("0123456789abcdef") < 0;

    private void Sweep()
    {
        var over = time.GetUtcNow() - Life;
        foreach (var file in Directory.EnumerateFiles(directory, "resp_*.json"))
        {
            if (File.GetLastWriteTimeUtc(file) < over)
            {
                File.Delete(file);
            }
        }
    }
}
