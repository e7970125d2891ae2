using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Where a page of tasks ended: opaque to callers, checked when it comes back.</summary>
internal static class TaskCursor
{
    /// <summary>Base64url text.</summary>
    public static string Write(long atMs, string taskId) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{atMs}\n{taskId}")));

    /// <summary>Reads one; false for anything else.</summary>
    public static bool TryRead(string text, out (long AtMs, string TaskId) cursor)
    {
        cursor = default;
        if (text.Length > 400 || !Base64Url.IsValid(text))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('\n');
        if (parts is not [var at, var id] || !long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var atMs))
        {
            return false;
        }

        cursor = (atMs, id);
        return true;
    }
}
