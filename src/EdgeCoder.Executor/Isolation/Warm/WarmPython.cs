using System.Buffers.Binary;
using System.Globalization;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Runners;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.Warm;

/// <summary>What a Python zygote is told: where it is, what it imports, and how it locks its children in.</summary>
internal static class WarmPython
{
    // Threads of one job, and the processes that share its user namespace: the zygote and its waiting children.
    private const ulong OtherProcesses = 2 + WarmLane.Spares;

    // What ordinary programs import, for about 60 ms once and 6 MB.
    private const string Modules = """
        os io re math cmath random string textwrap itertools functools operator collections collections.abc heapq bisect copy types typing dataclasses enum abc
        contextlib numbers decimal fractions statistics datetime time json struct array hashlib base64 binascii queue threading traceback linecache unicodedata
        unittest warnings inspect tempfile socket
        """;

    private static readonly string[] Calls = ["unshare", "setns", "capset", "seccomp", "pidfd_open", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"];

    /// <summary>Starts a zygote and waits until it is warm.</summary>
    /// <param name="tool">The launcher.</param>
    /// <param name="planner">Writes its plans.</param>
    /// <param name="weakening">What tests do to the plan to break the sandbox on purpose.</param>
    /// <exception cref="IOException">It did not get warm.</exception>
    public static Zygote Start(LauncherTool tool, LaunchPlanner planner, Func<LaunchPlan, LaunchPlan>? weakening = null)
    {
        var runner = RunnerFiles.For(SnippetLanguage.Python);
        var limits = LimitPlan.Read(SnippetLanguage.Python, new RequestedLimits()).Plan!;
        var arguments = InterpreterCommand.Arguments(planner.Interpreter, limits, $"{planner.RunnerDirectory}/zygote.py");
        var plan = planner.Zygote(limits, runner.Files, [.. arguments, planner.ScratchDirectory]);
        plan = plan with { Limits = [.. plan.Limits.Select(limit => limit.Limit == ResourceLimit.Processes ? (limit.Limit, limit.Soft + OtherProcesses, limit.Hard + OtherProcesses) : limit)] };
        plan = weakening?.Invoke(plan) ?? plan;
        return Zygote.Start(LauncherSandbox.CommandOf(tool, plan), Configuration(planner, plan));
    }

    /// <summary>Names and values, as a job frame.</summary>
    public static byte[] Configuration(LaunchPlanner planner, LaunchPlan plan)
    {
        var filter = planner.Filter();
        var layer = planner.Layer();
        var frame = new JobFrame();
        foreach (var (name, value) in new[]
        {
            ("mode", planner.Mode == LaunchMode.Namespaces ? "namespaces" : "landlock"),
            ("numbers", string.Join(' ', Calls.Select(call => $"{call}={SyscallTable.Number(call, planner.Architecture)}"))),
            ("mount", string.Create(CultureInfo.InvariantCulture, $"size={plan.ScratchBytes},nr_inodes={plan.ScratchFiles},mode=0700")),
            ("ruleset", layer is null ? "" : Convert.ToHexStringLower(Ruleset(layer))),
            ("rules", string.Join('\n', (layer?.Rules ?? []).Select(rule => $"{(ulong)rule.Access} {Placed(rule.Path, planner)}"))),
            ("filter", Convert.ToHexStringLower(SeccompFilter.Encode(filter))),
            ("pid_offsets", string.Join(' ', SeccompFilter.PidOffsets(filter))),
            ("limits", string.Join(' ', plan.Limits.Select(limit => $"{(int)limit.Limit}={limit.Hard}"))),
            ("modules", Modules),
        })
        {
            frame.Add(name).Add(value);
        }

        return frame.ToBytes();
    }

    // struct landlock_ruleset_attr; a kernel that knows less of it accepts zeros in the rest.
    private static byte[] Ruleset(LandlockLayer layer)
    {
        var bytes = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)layer.Files);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), layer.Network);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), layer.Scopes);
        return bytes;
    }

    // These two directories are where the zygote finds them.
    private static string Placed(string path, LaunchPlanner planner) => path == planner.ScratchDirectory ? "@scratch" : path == planner.RunnerDirectory ? "@runner" : path;
}
