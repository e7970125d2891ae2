using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Wasmtime;

namespace EdgeCoder.Executor.Isolation.WebAssembly;

/// <summary>
/// The module as machine code, kept in the data directory so that only the first start on a machine compiles it. The file's name has in it everything that
/// the code depends on; Wasmtime checks its own version, settings and the processor again, and what it does not accept is compiled anew. Only its owner can
/// write it: whoever can write the data directory is the user already.
/// </summary>
internal static class ModuleImage
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Loads or compiles. Says whether it had to compile.</summary>
    /// <param name="engine">Engine with the settings of all modules.</param>
    /// <param name="settings">Those settings, in words.</param>
    /// <param name="bytes">The module.</param>
    /// <param name="dataDirectory">Where images are kept.</param>
    public static (Module Module, bool Compiled) Load(Engine engine, string settings, byte[] bytes, string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "executor", $"quickjs-{Key(settings)}.cwasm");
        if (Read(engine, path) is { } kept)
        {
            return (kept, false);
        }

        var module = Module.FromBytes(engine, "quickjs", bytes);
        Write(path, module.Serialize());
        return (module, true);
    }

    private static string Key(string settings) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{QuickJsModule.Sha256}\n{typeof(Engine).Assembly.GetName().Version}\n{RuntimeInformation.RuntimeIdentifier}\n{settings}\n{Avx.IsSupported} {Avx2.IsSupported} {Avx512F.IsSupported} {Bmi2.IsSupported} {Lzcnt.IsSupported} {Popcnt.IsSupported} {Fma.IsSupported} {AdvSimd.IsSupported} {Dp.IsSupported}"))))[..16];

    private static Module? Read(Engine engine, string path)
    {
        try
        {
            return File.Exists(path) && IsOwnersOnly(path) ? Module.DeserializeFile(engine, "quickjs", path) : null;
        }
        catch (Exception exception) when (exception is WasmtimeException or IOException or UnauthorizedAccessException)
        {
            return null; // damaged, or of another version
        }
    }

    private static bool IsOwnersOnly(string path) => OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ~OwnerOnly) == 0;

    // A data directory that cannot be written costs the next start its time and nothing else.
    private static void Write(string path, byte[] image)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var temporary = path + "." + Guid.NewGuid().ToString("N");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var file = new FileStream(temporary, options))
            {
                file.Write(image);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
