namespace EdgeCoder.Executor.Subset;

/// <summary>The table of the JavaScript subset: what the check and the prompts both read.</summary>
internal static class JavaScriptSubset
{
    /// <summary>Modules that may be required or imported, with or without <c>node:</c>.</summary>
    public static IReadOnlyList<string> AcceptedModules { get; } = Words("""
        assert assert/strict async_hooks buffer console constants crypto diagnostics_channel events fs fs/promises os path path/posix perf_hooks process punycode
        querystring readline readline/promises stream stream/promises stream/consumers stream/web string_decoder test timers timers/promises url util util/types zlib
        """);

    /// <summary>Modules refused by name, with the rule.</summary>
    public static IReadOnlyDictionary<string, string> RefusedModules { get; } = Rules(
        ("module.network", "http https http2 net dgram dns dns/promises tls axios node-fetch undici ws express"),
        ("module.process", "child_process cluster worker_threads"),
        ("module.engine", "vm v8 inspector inspector/promises repl wasi module trace_events sea sqlite"));

    /// <summary>Globals that are refused, unless the program declares the name itself.</summary>
    public static IReadOnlyDictionary<string, string> RefusedGlobals { get; } = Rules(
        ("name.network", "fetch WebSocket EventSource XMLHttpRequest"),
        ("name.runtime_code", "eval Function"),
        ("name.engine", "WebAssembly"),
        ("name.interactive", "alert prompt confirm"));

    /// <summary>Members of <c>process</c> that are refused.</summary>
    public static IReadOnlyDictionary<string, string> RefusedProcessMembers { get; } = Rules(
        ("name.engine", "binding dlopen _linkedBinding mainModule getBuiltinModule reallyExit _rawDebug"),
        ("name.process", "kill abort"));

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, string> Rules(params (string Rule, string Names)[] groups) =>
        groups.SelectMany(group => Words(group.Names).Select(name => (name, group.Rule))).ToDictionary(pair => pair.name, pair => pair.Rule, StringComparer.Ordinal);
}
