using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Seatbelt;

/// <summary>A confined process of macOS. Memory and scratch are watched from here, because the kernel holds no limit of them.</summary>
internal sealed class SeatbeltProcess : SpawnedProcess
{
    private const short CloseByDefault = 0x4000; // POSIX_SPAWN_CLOEXEC_DEFAULT: only what the file actions name is inherited

    private readonly ScratchWatch scratch;
    private long peak;

    /// <summary>Starts it.</summary>
    public SeatbeltProcess(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string inputFile, string scratch)
        : base(path, arguments, environment, inputFile, CloseByDefault) => this.scratch = new(scratch);

    /// <inheritdoc/>
    public override TimeSpan WatchInterval => TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public override SandboxEnd? Exceeds(LimitPlan limits) => PeakMemory() > limits.MemoryBytes ? SandboxEnd.MemoryLimit : scratch.Exceeds() ? SandboxEnd.ScratchLimit : null;

    /// <inheritdoc/>
    public override long? PeakMemory()
    {
        peak = Math.Max(peak, DarwinProcessUsage.FootprintOf(Pid) ?? 0);
        return peak == 0 ? null : peak;
    }
}
