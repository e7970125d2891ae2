using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using EdgeCoder.Executor.Running;
using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary>A process in an AppContainer without capabilities and in a job of its own, from its first instruction on.</summary>
/// <remarks>1. the job; 2. pipes; 3. attributes: container, job, the handles it inherits, no children; 4. the process.</remarks>
[SupportedOSPlatform("windows")]
internal sealed class AppContainerProcess : StreamedProcess
{
    private readonly JobHandle job;
    private readonly SafeProcessHandle process;
    private readonly AnonymousPipeServerStream[] host;
    private readonly RegisteredWaitHandle wait;
    private readonly TaskCompletionSource<(int Status, long CpuMs)> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ScratchWatch scratch;

    /// <summary>Starts it.</summary>
    public AppContainerProcess(ContainerSid container, string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, RunDirectory place, LimitPlan limits)
    {
        scratch = new(place.Scratch);

        // 1.
        job = NewJob(limits);

        // 2. Inheritable, but only those of the list are inherited.
        host =
        [
            new(PipeDirection.In, HandleInheritability.Inheritable), new(PipeDirection.In, HandleInheritability.Inheritable),
            new(PipeDirection.Out, HandleInheritability.Inheritable), new(PipeDirection.In, HandleInheritability.Inheritable),
        ];
        try
        {
            using var input = File.OpenHandle(place.InputFile);
            WindowsSystem.Check(WindowsSystem.SetHandleInformation(input, WindowsSystem.Inherit, WindowsSystem.Inherit), "SetHandleInformation");
            nint[] handles = [input.DangerousGetHandle(), .. host.Select(stream => stream.ClientSafePipeHandle.DangerousGetHandle())];

            // 3, 4.
            process = Start(container, path, arguments, environment, place.Scratch, handles);
        }
        catch
        {
            job.Dispose();
            Array.ForEach(host, stream => stream.Dispose());
            throw;
        }

        foreach (var stream in host)
        {
            stream.DisposeLocalCopyOfClientHandle();
        }

        wait = ThreadPool.RegisterWaitForSingleObject(new ProcessWait(process), (_, _) => exited.TrySetResult(Ended()), null, Timeout.Infinite, executeOnlyOnce: true);
    }

    /// <inheritdoc/>
    public override Stream Stdout => host[0];

    /// <inheritdoc/>
    public override Stream Stderr => host[1];

    /// <inheritdoc/>
    public override Stream Job => host[2];

    /// <inheritdoc/>
    public override Stream Report => host[3];

    /// <inheritdoc/>
    public override Task<(int Status, long CpuMs)> Exited => exited.Task;

    /// <inheritdoc/>
    public override SandboxEnd? Exceeds(LimitPlan limits) => scratch.Exceeds() ? SandboxEnd.ScratchLimit : null;

    /// <inheritdoc/>
    public override unsafe long? PeakMemory()
    {
        JobLimits now;
        return WindowsSystem.AskJob(job, JobLimits.Class, &now, (uint)sizeof(JobLimits), null) ? (long)now.PeakJobMemory : null;
    }

    /// <inheritdoc/>
    public override void Kill() => _ = WindowsSystem.TerminateJob(job, 137);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        Kill();
        await Exited.ConfigureAwait(false);
        wait.Unregister(null);
        job.Dispose();
        process.Dispose();
        Array.ForEach(host, stream => stream.Dispose());
    }

    private static unsafe JobHandle NewJob(LimitPlan limits)
    {
        var job = WindowsSystem.CreateJob(null, null);
        WindowsSystem.Check(!job.IsInvalid, "CreateJobObject");
        var all = JobLimits.For(limits);
        var restrictions = WindowsSystem.AllRestrictions;
        WindowsSystem.Check(WindowsSystem.SetJob(job, JobLimits.Class, &all, (uint)sizeof(JobLimits)), "SetInformationJobObject");
        WindowsSystem.Check(WindowsSystem.SetJob(job, WindowsSystem.UserInterfaceRestrictions, &restrictions, sizeof(uint)), "SetInformationJobObject");
        return job;
    }

    private unsafe SafeProcessHandle Start(ContainerSid container, string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string directory, nint[] handles)
    {
        var capabilities = new SecurityCapabilities { Container = container.DangerousGetHandle() };
        var jobHandle = job.DangerousGetHandle();
        var policy = WindowsSystem.ChildProcessRestricted;
        var inherited = InheritedDescriptors.Block(handles);
        using var attributes = new AttributeList(4);
        fixed (nint* list = handles)
        fixed (byte* block = inherited)
        fixed (char* application = path, line = WindowsArguments.Line(arguments) + "\0", variables = WindowsArguments.Environment(environment), at = directory)
        {
            attributes.Add(WindowsSystem.SecurityCapabilitiesAttribute, &capabilities, sizeof(SecurityCapabilities));
            attributes.Add(WindowsSystem.HandleList, list, handles.Length * sizeof(nint));
            attributes.Add(WindowsSystem.JobList, &jobHandle, sizeof(nint));
            attributes.Add(WindowsSystem.ChildProcessPolicy, &policy, sizeof(uint));
            var startup = new StartupInformation
            {
                Size = (uint)sizeof(StartupInformation),
                Flags = StartupInformation.UseStandardHandles,
                InheritedSize = (ushort)inherited.Length,
                Inherited = block,
                Input = handles[0],
                Output = handles[1],
                Error = handles[2],
                Attributes = attributes.Address,
            };
            ProcessInformation made;
            WindowsSystem.Check(
                WindowsSystem.CreateProcess(application, line, null, null, true, WindowsSystem.ExtendedStartup | WindowsSystem.UnicodeEnvironment | WindowsSystem.NoWindow, variables, at, &startup, &made),
                "CreateProcess");
            GC.KeepAlive(container);
            _ = WindowsSystem.CloseHandle(made.Thread);
            return new SafeProcessHandle(made.Process, ownsHandle: true);
        }
    }

    private unsafe (int Status, long CpuMs) Ended()
    {
        JobAccount account = default;
        _ = WindowsSystem.AskJob(job, JobAccount.Class, &account, (uint)sizeof(JobAccount), null);
        return (WindowsSystem.GetExitCodeProcess(process, out var code) ? WindowsExit.Status(code) : WindowsExit.Status(uint.MaxValue), account.CpuMs);
    }

    /// <summary>Signalled when the process has ended.</summary>
    private sealed class ProcessWait : WaitHandle
    {
        public ProcessWait(SafeProcessHandle process) => SafeWaitHandle = new SafeWaitHandle(process.DangerousGetHandle(), ownsHandle: false);
    }
}
