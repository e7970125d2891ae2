using System.Text.Json;

namespace EdgeCoder.Executor.Running;

/// <summary>What a launcher tells about the process that it made: pure. The launcher is ours or bubblewrap, but what comes on its pipe is read as anybody's.</summary>
internal static class LauncherInformation
{
    /// <summary>The process id in <c>{"child-pid": 12}</c>; null when it is not whole yet, or says something else.</summary>
    public static int? ChildPid(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonElement.Parse(json) is { ValueKind: JsonValueKind.Object } told
                && told.TryGetProperty("child-pid", out var pid) && pid.ValueKind == JsonValueKind.Number && pid.TryGetInt32(out var number) && number > 0
                ? number
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not whole yet; or a name with half a surrogate pair in it, at which the reader throws.
            return null;
        }
    }
}
