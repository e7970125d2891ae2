using System.Security.Cryptography;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// Proves when the engine starts that a program in WebAssembly has nothing but the language: it looks for what would reach out, takes more memory, more
/// stack and more time than there is, and leaves marks for the next program. One attempt that succeeds, or that was not told, disqualifies the back-end.
/// </summary>
internal static class WasmCanaries
{
    /// <summary>The names that the program must have told, each contained.</summary>
    public static IReadOnlyList<string> Names { get; } = ["reach the host", "load a module of the host", "find a host function", "exceed memory", "exceed the stack"];

    /// <summary>The program. It prints one line per attempt: name, whether it was contained, detail.</summary>
    public const string Program = """
        globalThis.leftBehind = true; Array.prototype.leftBehind = true;
        const tell = (name, contained, detail) => console.log([name, contained ? 'yes' : 'no', String(detail).split('\n')[0]].join('|'));
        const found = ['process', 'fetch', 'Deno', 'Bun', 'std', 'os', 'bjson', 'Worker', 'WebAssembly', 'XMLHttpRequest', 'print', 'load', 'read', 'scriptArgs', 'Buffer', 'gc'].filter((name) => typeof globalThis[name] !== 'undefined');
        tell('reach the host', found.length === 0, found.join(' ') || 'nothing there');
        const loads = ['fs', 'child_process', 'net', 'std', 'os', 'qjs:std', 'qjs:os', 'qjs:bjson', 'process', 'module', '/etc/passwd', '../../etc/passwd'].filter((name) => { try { require(name); return true; } catch { return false; } });
        let dynamic = 'refused';
        try { new Function('return import("std")')().then(() => { dynamic = 'loaded'; }, () => {}); } catch { /* as it must */ }
        Promise.resolve().then(() => {}).then(() => {}).then(() => tell('load a module of the host', loads.length === 0 && dynamic === 'refused', loads.join(' ') || dynamic));
        // Everything that can be reached from the global object and from a stack of calls, by name and by prototype.
        const seen = new Set(), names = ['write', 'zero', 'report', 'advance', 'work', 'exhausted', 'stop'];
        let host = '';
        (function walk(value, path, depth) {
          if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 6) return;
          seen.add(value);
          if (typeof value === 'function' && names.includes(value.name) && value.length === 0 && /native code/.test(Function.prototype.toString.call(value))) host = path;
          for (const key of Reflect.ownKeys(value)) {
            const property = Reflect.getOwnPropertyDescriptor(value, key);
            for (const each of [property.value, property.get, property.set]) walk(each, path + '.' + String(key), depth + 1);
          }
          walk(Reflect.getPrototypeOf(value), path + '.__proto__', depth + 1);
        })({ globalThis, require, module, exports, console, self: (function () { return this; })(), made: new Function('return this')() }, 'program', 0);
        tell('find a host function', host === '', host || seen.size + ' values looked at');
        let kept = [], count = 0;
        try { for (; count < 64; count++) kept.push(new Uint8Array(4 << 20).fill(1)); tell('exceed memory', false, '256 MiB'); }
        catch (error) { kept = null; tell('exceed memory', count < 16, count * 4 + ' MiB, then ' + error); }
        let depth = 0;
        try { (function down() { depth++; down(); })(); tell('exceed the stack', false, depth); }
        catch (error) { tell('exceed the stack', error instanceof RangeError, depth + ' calls, then ' + error.name); }
        """;

    private const string Next = "console.log(typeof leftBehind, typeof [].leftBehind)";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndlessLimit = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs the canaries.</summary>
    public static async Task<IReadOnlyList<CanaryReport>> RunAsync(ISandbox sandbox, CancellationToken cancellationToken)
    {
        CanaryReport Report(string name, bool contained, string detail) => new(SnippetLanguage.JavaScript, name, contained, detail);

        var outcome = await RunProgramAsync(sandbox, Program, Limit, cancellationToken).ConfigureAwait(false);
        var told = outcome.Stdout.Text().Split('\n').Select(line => line.Split('|', 3)).Where(parts => parts.Length == 3).ToLookup(parts => parts[0], StringComparer.Ordinal);
        var reports = Names.Select(name => told[name].FirstOrDefault() is [_, var contained, var detail]
            ? Report(name, contained == "yes", detail)
            : Report(name, false, $"not told: {outcome.End} {outcome.Stderr.Text().Trim()}")).ToList();

        var next = await RunProgramAsync(sandbox, Next, Limit, cancellationToken).ConfigureAwait(false);
        var left = next.Stdout.Text().Trim();
        reports.Add(Report("leave something for the next program", left == "undefined undefined", left));

        var endless = await RunProgramAsync(sandbox, "for (;;);", EndlessLimit, cancellationToken).ConfigureAwait(false);
        reports.Add(Report("outlive the deadline", endless.End is SandboxEnd.FuelLimit or SandboxEnd.WallLimit, $"ended {endless.End}"));
        return reports;
    }

    private static async Task<SandboxOutcome> RunProgramAsync(ISandbox sandbox, string program, TimeSpan time, CancellationToken cancellationToken)
    {
        var limits = LimitPlan.Read(SnippetLanguage.JavaScript, new RequestedLimits()).Plan! with { Time = time };
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var request = new RunRequest { Language = SnippetLanguage.JavaScript, Files = [new("canary.js", program)] };
        var frame = SnippetFrame.Build(request, key, subset: false, limits, canary: false).Frame ?? throw new InvalidOperationException("The canary program cannot be read.");
        return await sandbox.RunAsync(new SandboxJob { Limits = limits, Frame = frame, Key = key }, cancellationToken).ConfigureAwait(false);
    }
}
