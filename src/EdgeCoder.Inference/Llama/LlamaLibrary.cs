using System.Reflection;
using System.Runtime.InteropServices;
using EdgeCoder.Inference.Llama.Binding;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Llama;

/// <summary>llama.cpp's shared libraries, loaded once for the process from <c>runtimes/&lt;rid&gt;/native</c> next to the program.</summary>
public static unsafe class LlamaLibrary
{
    /// <summary>Releases whose structs were compared byte for byte with <c>Llama/Binding</c>. Any other is refused: structs are passed by value, without a size field.</summary>
    internal static readonly IReadOnlyList<string> SupportedVersions = ["0.5.0", "0.4.0"];

    private static readonly Lock Gate = new();
    private static string? s_version;
    private static string s_directory = "";

    /// <summary>Where the libraries are expected.</summary>
    public static string DefaultDirectory { get; } = NativeDirectory(AppContext.BaseDirectory);

    /// <summary>Whether the program was built with the native libraries.</summary>
    public static bool IsPresent => FindLibrary(DefaultDirectory, "llama") is not null;

    /// <summary>Loads the libraries and the one CPU back-end that fits this processor. Later calls return at once.</summary>
    /// <returns>llama.cpp's release, for instance <c>0.5.0</c>.</returns>
    /// <exception cref="ModelException"><c>native_unavailable</c>: not built in, of another version, or without a back-end for this machine.</exception>
    public static string Load()
    {
        lock (Gate)
        {
            return s_version ??= LoadFrom(DefaultDirectory);
        }
    }

    /// <summary>Throws <c>native_unavailable</c> when the program was built without the libraries. Loads nothing: that is the worker's to do.</summary>
    internal static void RequirePresent()
    {
        if (!IsPresent)
        {
            throw Unavailable("This build has no llama.cpp libraries in " + DefaultDirectory + ".");
        }
    }

    private static string LoadFrom(string directory)
    {
        RequirePresent();
        s_directory = directory;
        NativeLibrary.SetDllImportResolver(typeof(NativeApi).Assembly, Resolve);
        try
        {
            NativeApi.llama_log_set(&LlamaLog.OnMessage, 0);
            var version = NativeText.Read(NativeApi.llama_version()).Replace("-dev", "", StringComparison.Ordinal);
            if (!SupportedVersions.Contains(version))
            {
                throw Unavailable($"llama.cpp {version} was found, but this program was checked with {string.Join(" and ", SupportedVersions)} only.");
            }

            if (AbiCheck.FirstDifference() is { } difference)
            {
                throw Unavailable("llama.cpp's structs differ from this program's: " + difference + ".");
            }

            // Without this there is no device, and no model loads.
            NativeApi.ggml_backend_load_all_from_path(directory);
            if (NativeApi.ggml_backend_dev_by_type(NativeApi.CpuDevice) == 0)
            {
                throw Unavailable("No ggml back-end in " + directory + " runs on this processor.");
            }

            NativeApi.llama_backend_init();
            return version;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw Unavailable("llama.cpp's libraries do not load: " + error.Message, error);
        }
    }

    private static ModelException Unavailable(string message, Exception? inner = null) =>
        new("native_unavailable", message, "Build again without LlamaNative=off (needs npm), or use Ollama or an OpenAI-compatible server.", inner);

    private static string NativeDirectory(string baseDirectory)
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return Path.Combine(baseDirectory, "runtimes", $"{system}-{processor}", "native");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        var stem = name switch
        {
            NativeApi.Llama => "llama",
            NativeApi.Ggml => "ggml",
            NativeApi.GgmlBase => "ggml-base",
            _ => null,
        };
        return stem is not null && FindLibrary(s_directory, stem) is { } file ? NativeLibrary.Load(file) : 0;
    }

    // The packages name the files differently: with the release, with "metal", or plain.
    private static string? FindLibrary(string directory, string stem)
    {
        var (prefix, extension) = OperatingSystem.IsWindows() ? ("", ".dll") : OperatingSystem.IsMacOS() ? ("lib", ".dylib") : ("lib", ".so");
        return SupportedVersions
            .SelectMany(version => new[] { $"{prefix}{stem}.v{version}{extension}", $"{prefix}{stem}.metal.v{version}{extension}" })
            .Append(prefix + stem + extension)
            .Select(name => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
    }
}
