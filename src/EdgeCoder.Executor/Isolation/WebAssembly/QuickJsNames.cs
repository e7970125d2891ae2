namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// The module's exports and imports that are used here, by the names that its C sources give them. The build of the package shortens all of them to letters,
/// anew with every version: the tests compare this table with the package's own glue.
/// </summary>
internal static class QuickJsNames
{
    /// <summary>Name of the module that all imports come from.</summary>
    public const string ImportModule = "a";

    /// <summary>Name under which <see cref="QuickJsModule"/> exports the table of functions; the package keeps it to itself.</summary>
    public const string Table = "table";

    /// <summary>Exports by their names in C.</summary>
    public static IReadOnlyDictionary<string, string> Exports { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["malloc"] = "w",
        ["free"] = "N",
        ["QTS_RuntimeSetMemoryLimit"] = "z",
        ["QTS_RuntimeSetMaxStackSize"] = "E",
        ["QTS_GetUndefined"] = "F",
        ["QTS_NewRuntime"] = "L",
        ["QTS_NewContext"] = "O",
        ["QTS_FreeValuePointer"] = "Q",
        ["QTS_FreeCString"] = "T",
        ["QTS_DupValuePointer"] = "U",
        ["QTS_NewFloat64"] = "Z",
        ["QTS_GetFloat64"] = "_",
        ["QTS_NewString"] = "$",
        ["QTS_GetString"] = "aa",
        ["QTS_ExecutePendingJob"] = "ha",
        ["QTS_Call"] = "na",
        ["QTS_ResolveException"] = "oa",
        ["QTS_Eval"] = "qa",
        ["QTS_NewFunction"] = "Ea",
        ["QTS_ArgvGetJSValueConstPointer"] = "Fa",
    };

    /// <summary>Name of the export that runs the constructors of the C library; the glue calls it once.</summary>
    public const string Constructors = "v";

    /// <summary>Imports by what they are.</summary>
    public static IReadOnlyDictionary<string, string> Imports { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["memory"] = "a",
        ["assert_fail"] = "b",
        ["fd_write"] = "c",
        ["fd_close"] = "d",
        ["environ_get"] = "e",
        ["environ_sizes_get"] = "f",
        ["normalize_module"] = "g",
        ["load_module_source"] = "h",
        ["should_interrupt"] = "i",
        ["setitimer"] = "j",
        ["resize_heap"] = "k",
        ["runtime_keepalive_clear"] = "l",
        ["localtime"] = "m",
        ["tzset"] = "n",
        ["fd_seek"] = "o",
        ["date_now"] = "p",
        ["clock_time_get"] = "q",
        ["abort"] = "r",
        ["proc_exit"] = "s",
        ["call_function"] = "t",
        ["free_host_ref"] = "u",
    };
}
