using System.Globalization;
using System.Text;

namespace EdgeCoder.Executor.Subset;

/// <summary>
/// The table of the Python subset. The check itself runs inside the sandbox on CPython's own syntax tree, so that the grammar is always the interpreter's;
/// it is given this table, and prompts are written from it, so that they cannot drift apart.
/// </summary>
internal static class PythonSubset
{
    /// <summary>Modules that may be imported, their sub-modules included unless refused.</summary>
    public static IReadOnlyList<string> AcceptedModules { get; } = Words("""
        abc argparse array ast asyncio atexit base64 binascii bisect bz2 cProfile calendar cmath codecs collections colorsys concurrent.futures configparser
        contextlib contextvars copy csv dataclasses datetime decimal difflib dis doctest email enum errno filecmp fileinput fnmatch fractions functools gc getopt
        glob graphlib gzip hashlib heapq hmac html http inspect io itertools ipaddress json keyword linecache locale logging lzma math mimetypes numbers operator
        optparse os pathlib pickle platform posixpath pprint profile pstats queue random re reprlib sched secrets select selectors shelve shlex shutil signal
        sqlite3 stat statistics string struct sys tarfile tempfile textwrap threading time timeit token tokenize tomllib traceback tracemalloc types typing
        unicodedata unittest urllib urllib.parse uuid warnings weakref xml zipfile zlib zoneinfo __future__ pytest
        """);

    /// <summary>Modules refused by name, with the rule.</summary>
    public static IReadOnlyDictionary<string, string> RefusedModules { get; } = Rules(
        ("module.network", "socket ssl socketserver http.client http.server http.cookies http.cookiejar urllib.request urllib.error urllib.response urllib.robotparser ftplib smtplib imaplib poplib nntplib telnetlib xmlrpc requests httpx aiohttp urllib3"),
        ("module.process", "subprocess multiprocessing ctypes cffi pty concurrent.futures.process _posixsubprocess _ctypes"),
        ("module.runtime_code", "importlib runpy marshal imp zipimport"),
        ("module.interactive", "tkinter turtle curses webbrowser pdb code codeop idlelib readline"));

    /// <summary>Attributes of modules that are refused although the module is accepted.</summary>
    public static IReadOnlyDictionary<string, string> RefusedAttributes { get; } = Rules(
        ("name.process", """
            os.system os.popen os.fork os.forkpty os.kill os.killpg os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe
            os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.posix_spawn os.posix_spawnp os.startfile
            asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.subprocess
            concurrent.futures.ProcessPoolExecutor
            """),
        ("name.network", "asyncio.open_connection asyncio.start_server asyncio.open_unix_connection asyncio.start_unix_server"));

    /// <summary>Builtins that are refused, unless the program defines the name itself.</summary>
    public static IReadOnlyDictionary<string, string> RefusedNames { get; } = Rules(
        ("name.runtime_code", "eval exec compile __import__"),
        ("name.interactive", "breakpoint"),
        ("name.input", "input"),
        ("name.reflection", "__builtins__ __loader__ __spec__"));

    /// <summary>Attributes that lead from any object to the interpreter; refused on every object and inside format strings.</summary>
    public static IReadOnlyList<string> ReflectionAttributes { get; } = Words(
        "__globals__ __builtins__ __subclasses__ __loader__ __import__ f_globals f_builtins f_back tb_frame gi_frame cr_frame ag_frame _getframe");

    /// <summary>The table as the source text that the runner starts with.</summary>
    public static string RunnerTable()
    {
        var text = new StringBuilder("RULES = {\n");
        text.Append(CultureInfo.InvariantCulture, $"    \"modules\": {{{string.Join(", ", AcceptedModules.Select(Quoted))}}},\n");
        text.Append(CultureInfo.InvariantCulture, $"    \"modules_refused\": {Dictionary(RefusedModules)},\n");
        text.Append(CultureInfo.InvariantCulture, $"    \"attributes\": {Dictionary(RefusedAttributes)},\n");
        text.Append(CultureInfo.InvariantCulture, $"    \"names\": {Dictionary(RefusedNames)},\n");
        text.Append(CultureInfo.InvariantCulture, $"    \"reflection\": ({string.Join(", ", ReflectionAttributes.Select(Quoted))}),\n}}\n");
        return text.ToString();
    }

    private static string Dictionary(IReadOnlyDictionary<string, string> rules) =>
        "{" + string.Join(", ", rules.Select(rule => $"{Quoted(rule.Key)}: {Quoted(rule.Value)}")) + "}";

    private static string Quoted(string text) => "\"" + text + "\"";

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, string> Rules(params (string Rule, string Names)[] groups) =>
        groups.SelectMany(group => Words(group.Names).Select(name => (name, group.Rule))).ToDictionary(pair => pair.name, pair => pair.Rule, StringComparer.Ordinal);
}
