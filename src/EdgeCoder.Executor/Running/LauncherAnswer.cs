using System.Text.Json;

namespace EdgeCoder.Executor.Running;

/// <summary>What a launcher tells about the sandbox that it made.</summary>
/// <param name="FirstPid">Process id of the sandbox's first process, as this process sees it.</param>
/// <param name="Scratch">Directory of the machine in which the program may write, where it has no file system of its own; else null.</param>
internal sealed record LauncherAnswer(int FirstPid, string? Scratch)
{
    /// <summary>Reads it; null while it is not whole, and for anything else.</summary>
    public static LauncherAnswer? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var answer = JsonElement.Parse(json);
            return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("child-pid", out var pid) && pid.ValueKind == JsonValueKind.Number && pid.TryGetInt32(out var first) && first > 0
                ? new LauncherAnswer(first, answer.TryGetProperty("scratch", out var scratch) && scratch.ValueKind == JsonValueKind.String ? scratch.GetString() : null)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not whole yet; or half of a surrogate pair, at which the reader throws when the text is asked for.
            return null;
        }
    }
}
