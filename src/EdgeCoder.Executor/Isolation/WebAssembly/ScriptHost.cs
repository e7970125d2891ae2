using System.Text;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// What a program in WebAssembly can reach of the host, through the runner only: two output streams, the report, and a clock that it can push forward.
/// It ends the program by throwing <see cref="ScriptEndException"/> through the module.
/// </summary>
internal sealed class ScriptHost(SandboxJob job)
{
    // As for a process: what is written beyond the limit is counted for a while, then the program is ended.
    private const int DrainFactor = 16;
    private const int DrainAtLeast = 1 << 20;
    private const int MaximumKind = 16;

    private readonly long overrun = Math.Max((long)job.Limits.OutputBytes * DrainFactor, (long)job.Limits.OutputBytes + DrainAtLeast);
    private TimeSpan waited;

    /// <summary>Standard output.</summary>
    public OutputCapture Stdout { get; } = new(job.Limits.OutputBytes);

    /// <summary>Standard error.</summary>
    public OutputCapture Stderr { get; } = new(job.Limits.OutputBytes);

    /// <summary>The report, written here in the form in which a process writes it.</summary>
    public ReportChannel Report { get; } = new(job.Key);

    /// <summary>Time that the program has waited for timers: it passes at once, and counts against the time limit all the same.</summary>
    public TimeSpan Waited => waited;

    /// <summary>Adds text of a stream, 1 or 2.</summary>
    public void Write(int stream, ReadOnlySpan<byte> text)
    {
        if (Report.Ended)
        {
            throw new ScriptEndException(SandboxEnd.Finished); // a process would be gone
        }

        var capture = stream == 2 ? Stderr : Stdout;
        capture.Add(text);
        if (capture.Total > overrun)
        {
            throw new ScriptEndException(SandboxEnd.OutputLimit);
        }
    }

    /// <summary>Adds a record.</summary>
    public void Tell(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> json)
    {
        // One line is one record: a runner that was made to write two in one would say things that nobody checked.
        if (kind.Length is 0 or > MaximumKind || kind.ContainsAnyExceptInRange((byte)'a', (byte)'z') || json.Contains((byte)'\n'))
        {
            throw new ScriptEndException(SandboxEnd.Finished);
        }

        Report.Add([.. Encoding.ASCII.GetBytes(job.Key), (byte)' ', .. kind, (byte)' ', .. json, (byte)'\n']);    }

    /// <summary>Moves the clock to a time since the program's start, in milliseconds.</summary>
    public void Advance(double milliseconds)
    {
        if (!double.IsFinite(milliseconds) || milliseconds > job.Limits.Time.TotalMilliseconds)
        {
            throw new ScriptEndException(SandboxEnd.WallLimit);
        }

        waited = TimeSpan.FromMilliseconds(Math.Max(waited.TotalMilliseconds, milliseconds));
    }
}
