using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeCoder.Inference.Llama.Binding;

namespace EdgeCoder.Inference.Llama;

/// <summary>Keeps the last error lines of the native library, so that a failed load can say why. Everything else it prints is dropped: it may hold text of a prompt or grammar.</summary>
internal static unsafe class LlamaLog
{
    private const int ErrorLevel = 4;
    private const int Continuation = 5;
    private const int Kept = 6;
    private const int LongestLine = 300;

    private static readonly Lock Gate = new();
    private static readonly Queue<string> Errors = new();
    private static bool s_lastWasError;

    /// <summary>Forgets what was kept.</summary>
    public static void Clear()
    {
        lock (Gate)
        {
            Errors.Clear();
        }
    }

    /// <summary>The last error lines, oldest first; empty when there were none.</summary>
    public static string RecentErrors()
    {
        lock (Gate)
        {
            return string.Join("; ", Errors);
        }
    }

    /// <summary>The callback. It is global to the library and may come from any thread; no exception may leave it.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void OnMessage(int level, byte* text, nint data)
    {
        lock (Gate)
        {
            s_lastWasError = level == ErrorLevel || (level == Continuation && s_lastWasError);
            if (!s_lastWasError)
            {
                return;
            }

            var line = Marshal.PtrToStringUTF8((nint)text)?.Trim();
            if (string.IsNullOrEmpty(line))
            {
                return;
            }

            Errors.Enqueue(line.Length > LongestLine ? line[..LongestLine] : line);
            if (Errors.Count > Kept)
            {
                Errors.Dequeue();
            }
        }
    }
}
